"""The rules of the house: each check is a plain function, shown beside the fault it must find."""
