"""Reader studies: do people, with and without a program, or a program alone, read better?"""
