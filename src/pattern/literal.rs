//! Paths as the texts of patterns.

/// The text of a pattern that matches only this path, and what is below it. `?` stands for a byte that is not UTF-8.
pub fn literal(path: &[u8]) -> String {
    let mut pattern = String::new();
    for chunk in path.utf8_chunks() {
        for character in chunk.valid().chars() {
            if "{}[],*?$\\!".contains(character) {
                pattern.push('\\');
            }
            pattern.push(character);
        }
        chunk.invalid().iter().for_each(|_| pattern.push('?'));
    }
    pattern
}
