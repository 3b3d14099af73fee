"""Is it still working: what monitors say of the room's reads, alarms, and readers that are switched off."""
