# Install tree: the program, the libraries with their headers, and a CMake package: find_package(brownout).
