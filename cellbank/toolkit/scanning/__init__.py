"""What a scanner sent, a rack reader's file, a photograph of a rack: read, never guessed."""
