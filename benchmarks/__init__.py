"""Figures, measured and kept with date, machine and command. Imported by nobody."""
