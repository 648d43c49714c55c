"""What a team knows, read from a folder, checked, and quoted in drafts."""
