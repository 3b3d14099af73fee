"""Who did what: an audit trail that cannot be changed unseen."""
