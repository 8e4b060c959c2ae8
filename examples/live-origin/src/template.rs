//! Configuration files with `{{NAME}}` in them.
//!
//! In: a text and the values. Out: the text with all of them filled in. A name without a value is
//! an error, and so is a value without a use: both are spelling mistakes.

use anyhow::{Result, bail};

/// Fills in.
pub fn fill(text: &str, values: &[(&str, String)]) -> Result<String> {
    let mut out = String::with_capacity(text.len() * 2);
    let mut used = vec![false; values.len()];
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { bail!("{{{{ is never closed") };
        out.push_str(before);
        // What comments say of the notation itself.
        if name == "…" {
            out.push_str("{{…}}");
        } else {
            let at = values.iter().position(|(known, _)| *known == name);
            let Some(at) = at else { bail!("nobody says what {{{{{name}}}}} is") };
            used[at] = true;
            out.push_str(&values[at].1);
        }
        rest = after;
    }
    out.push_str(rest);
    if let Some(at) = used.iter().position(|used| !used) {
        bail!("{{{{{}}}}} is nowhere in the template", values[at].0);
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_have_to_meet() {
        let value = |name, value: &str| (name, value.to_owned());
        let text = "# {{…}} is\nlisten {{A}}; root {{B}}/{{A}};";
        let filled = fill(text, &[value("A", "1"), value("B", "x")]);
        assert_eq!(filled.unwrap(), "# {{…}} is\nlisten 1; root x/1;");
        assert!(fill("{{A}}", &[]).is_err());
        assert!(fill("", &[value("A", "")]).is_err());
        assert!(fill("{{A", &[value("A", "")]).is_err());
    }
}
