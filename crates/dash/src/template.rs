//! Patterns of addresses (ISO/IEC 23009-1, 5.3.9.4.4).
//!
//! In: a pattern, and what stands for its names. Out: an address, relative as the pattern was. `$$` is a
//! dollar sign, `%0Nd` pads with zeros; a name that is not known stays as it is.

/// Nobody pads further.
const MAX_WIDTH: usize = 32;

/// What stands for the names.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Names<'a> {
    pub id: &'a str,
    pub bandwidth_bps: u64,
    pub number: u64,
    pub time: u64,
}

pub(crate) fn fill(pattern: &str, names: &Names<'_>) -> String {
    let mut filled = String::with_capacity(pattern.len() + 24);
    let mut rest = pattern;
    while let Some((plain, after)) = rest.split_once('$') {
        filled.push_str(plain);
        let Some((name, tail)) = after.split_once('$') else {
            filled.push('$');
            rest = after;
            continue;
        };
        let (bare, width) = match name.split_once("%0") {
            Some((bare, format)) => {
                let digits = format.trim_end_matches(['d', 'u', 'i']);
                (bare, digits.parse::<usize>().unwrap_or(0).min(MAX_WIDTH))
            }
            None => (name, 0),
        };
        let number = match bare {
            "Number" => names.number,
            "Time" => names.time,
            "Bandwidth" => names.bandwidth_bps,
            "RepresentationID" => {
                filled.push_str(names.id);
                rest = tail;
                continue;
            }
            "" => {
                filled.push('$');
                rest = tail;
                continue;
            }
            _ => {
                filled.push('$');
                rest = after;
                continue;
            }
        };
        let digits = number.to_string();
        filled.extend(core::iter::repeat_n('0', width.saturating_sub(digits.len())));
        filled.push_str(&digits);
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in() {
        let names = Names { id: "v1", bandwidth_bps: 500, number: 7, time: 123 };
        for (pattern, expected) in [
            ("$RepresentationID$/$Number%05d$.m4s", "v1/00007.m4s"),
            ("$Time$-$Bandwidth$", "123-500"),
            ("a$$b$Number$", "a$b7"),
            ("$Number%02d$$Time%01d$", "07123"),
            ("$Unknown$-$Number$", "$Unknown$-7"),
            ("$Number", "$Number"),
            ("plain", "plain"),
        ] {
            assert_eq!(fill(pattern, &names), expected, "{pattern}");
        }
        assert_eq!(fill("$Number%0999999999d$", &names).len(), MAX_WIDTH);
    }
}
