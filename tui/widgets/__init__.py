"""The dashboard's parts; each shows the values it is given and redraws only when one of them changes."""
