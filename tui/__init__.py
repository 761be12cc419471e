"""What a person sees and types. The headless commands never import Textual."""
