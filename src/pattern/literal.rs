//! Paths as the texts of patterns.

/// The text of a pattern that matches only this path, and what is below it. `?` stands for a byte that a map cannot have.
pub fn literal(path: &[u8]) -> String {
    let mut pattern = String::new();
    for chunk in path.utf8_chunks() {
        for character in chunk.valid().chars() {
            if character.is_control() {
                // A map may not have it.
                (0..character.len_utf8()).for_each(|_| pattern.push('?'));
                continue;
            }
            if "{}[],*?$\\".contains(character) || (character == '!' && pattern.is_empty()) {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        chunk.invalid().iter().for_each(|_| pattern.push('?'));
    }
    pattern
}
