"""The shops that share one installation: which host belongs to which, and what each shows of itself in public."""
