// A target has a source file. The targets that precompile headers for others have this one.
