"""The page shell, the components, the error pages and the small behaviours of every page. It leans on common alone and knows no domain."""
