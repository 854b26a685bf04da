"""Tables as people read them: each function takes finished statistics and returns cells of text."""
