"""What a person should know of a data set before anything is learnt from it."""
