//! What a long verb does, counted for the person who waits: "3 of 7", and about how long it takes.
//!
//! In: the steps with what each takes of one core. Out: lines on standard error. The times are guesses from
//! one machine; what was done before is known not to be due.

use machine::shell;

/// One step.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    /// What is being done, as one says it.
    pub what: &'static str,
    /// Seconds of one core, about; 0 for what is a moment, or was done before.
    pub core_secs: u64,
}

/// The steps of a verb, in their order.
#[derive(Debug)]
pub struct Steps {
    steps: Vec<Step>,
    at: usize,
}

impl Steps {
    /// Says how long it all takes.
    pub fn begin(steps: Vec<Step>) -> Self {
        let secs = steps.iter().map(|step| step.core_secs).sum::<u64>() / cores();
        if let Some(about) = about(secs) {
            shell::say(format!("{} steps, {about}; the next time a moment", steps.len()));
        }
        Self { steps, at: 0 }
    }

    /// Says what comes now.
    pub fn next(&mut self) {
        if let Some(step) = self.steps.get(self.at) {
            self.at += 1;
            shell::say(line(self.at, self.steps.len(), step.what, step.core_secs / cores()));
        }
    }
}

fn cores() -> u64 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64)
}

fn line(number: usize, of: usize, what: &str, secs: u64) -> String {
    let about = about(secs).map_or(String::new(), |about| format!(" ({about})"));
    format!("{number} of {of}: {what}{about}")
}

/// Nothing for what nobody waits for.
fn about(secs: u64) -> Option<String> {
    match secs {
        0..10 => None,
        10..50 => Some(format!("about {} s", secs.div_ceil(10) * 10)),
        _ => Some(format!("about {} min", secs.div_ceil(60))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_counted_and_long_ones_say_so() {
        assert_eq!(line(3, 7, "encoding the sample", 0), "3 of 7: encoding the sample");
        assert_eq!(line(1, 2, "the tools", 31), "1 of 2: the tools (about 40 s)");
        assert_eq!(line(2, 2, "the modules", 121), "2 of 2: the modules (about 3 min)");
    }
}
