"""What one tenant is told is the same whether or not another one exists."""
