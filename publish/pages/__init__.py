"""The pages of the site: rows of the edition in, template contexts out."""
