def write_exports(*a): raise NotImplementedError
