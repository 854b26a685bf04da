"""Asking a site: the value of each query as it was delivered, what stands beside it, and the question."""
