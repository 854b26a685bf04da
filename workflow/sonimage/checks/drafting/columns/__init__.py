"""What a raw column is: what its name says, what stands in it, which column of ours it is and how a map reads it."""
