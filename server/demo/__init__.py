"""The demo: two shops as they might be on any morning, made through the same store as everything else.

`make_demo` in make.py is what the command line calls. What is told of the shops is plain data in content/.
"""
