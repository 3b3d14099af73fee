"""What the page of a report says, in one language; HTML and PDF lay the same out."""
