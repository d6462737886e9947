// Has no code: CMake compiles precompiled.hpp for the sake of this file.
