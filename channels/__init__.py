"""Outside networks: one file each; all satisfy `care.ports.Channel`."""
