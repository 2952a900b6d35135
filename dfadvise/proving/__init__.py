"""The proof of safe fixes: plans compared, and what each declared change has to show."""
