"""Published rules, one file each, as tables next to their source. They advise; a physician decides."""
