"""How right Palmpace is, and what it costs, beside the methods a person would pick instead."""
