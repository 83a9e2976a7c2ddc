"""How the recogniser of names in Burmese text learns: its sentences, its training, its card."""
