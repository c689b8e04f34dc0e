//! Which sound devices there are, and which one a name or a number means.

use super::SoundError;
use cpal::traits::{DeviceTrait, HostTrait};
use std::fmt;

/// What a device is used as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Microphone,
    Loudspeaker,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Microphone => "microphone",
            Self::Loudspeaker => "loudspeaker",
        })
    }
}

/// A sound device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceInfo {
    /// What `--input` and `--output` take.
    pub index: usize,
    /// As the system names it, such as `hw:CARD=0,DEV=0`.
    pub id: String,
    pub name: String,
    pub microphone: bool,
    pub loudspeaker: bool,
}

/// Every device of the system's sound service.
pub fn list() -> Vec<DeviceInfo> {
    devices()
        .iter()
        .enumerate()
        .map(|(index, device)| describe(index, device))
        .collect()
}

fn devices() -> Vec<cpal::Device> {
    quiet();
    let all = cpal::default_host().devices().into_iter().flatten();
    // ALSA's "null" takes everything and gives silence: nobody means it.
    all.filter(|device| device.id().is_ok_and(|id| id.id() != "null"))
        .collect()
}

/// Keeps the system's sound library from writing to the terminal while this thread opens devices:
/// what matters comes back as an error.
fn quiet() {
    #[cfg(target_os = "linux")]
    if alsa::Output::local_error_handler().is_err() {
        tracing::debug!("ALSA's messages go to standard error");
    }
}

fn describe(index: usize, device: &cpal::Device) -> DeviceInfo {
    let name = device
        .description()
        .map(|about| about.name().to_owned())
        .unwrap_or_default();
    let id = device.id().map(|id| id.id().to_owned()).unwrap_or_default();
    DeviceInfo {
        index,
        id,
        name,
        microphone: device.supports_input(),
        loudspeaker: device.supports_output(),
    }
}

/// The device that `wanted` means: a number of [`list`], an id, or a part of its name; none: the
/// system's default.
pub(super) fn choose(
    wanted: Option<&str>,
    direction: Direction,
) -> Result<cpal::Device, SoundError> {
    quiet();
    let host = cpal::default_host();
    let Some(wanted) = wanted else {
        let default = match direction {
            Direction::Microphone => host.default_input_device(),
            Direction::Loudspeaker => host.default_output_device(),
        };
        return default.ok_or_else(|| SoundError::Unavailable {
            direction,
            cause: "there is none".into(),
        });
    };
    let mut devices = devices();
    let infos: Vec<_> = devices
        .iter()
        .enumerate()
        .map(|(index, device)| describe(index, device))
        .collect();
    match position(&infos, wanted, direction) {
        Some(index) => Ok(devices.swap_remove(index)),
        None => Err(SoundError::Unknown(wanted.to_owned())),
    }
}

fn position(infos: &[DeviceInfo], wanted: &str, direction: Direction) -> Option<usize> {
    let fits = |info: &&DeviceInfo| match direction {
        Direction::Microphone => info.microphone,
        Direction::Loudspeaker => info.loudspeaker,
    };
    if let Ok(index) = wanted.parse::<usize>() {
        return infos.get(index).filter(fits).map(|info| info.index);
    }
    let lower = wanted.to_lowercase();
    let exact = infos
        .iter()
        .filter(fits)
        .find(|info| info.id == wanted || info.name == wanted);
    let partial = || {
        infos
            .iter()
            .filter(fits)
            .find(|info| info.name.to_lowercase().contains(&lower))
    };
    exact.or_else(partial).map(|info| info.index)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(index: usize, id: &str, name: &str, microphone: bool) -> DeviceInfo {
        DeviceInfo {
            index,
            id: id.into(),
            name: name.into(),
            microphone,
            loudspeaker: !microphone,
        }
    }

    #[test]
    fn a_device_is_found_by_number_id_and_part_of_its_name() {
        let infos = [
            info(0, "hw:0", "Desk Microphone", true),
            info(1, "hw:1", "USB Headset", true),
            info(2, "hw:1", "USB Headset", false),
        ];
        let find = |wanted| position(&infos, wanted, Direction::Microphone);
        assert_eq!(
            (find("1"), find("hw:1"), find("headset"), find("desk")),
            (Some(1), Some(1), Some(1), Some(0))
        );
        assert_eq!(
            (find("2"), find("9"), find("radio")),
            (None, None, None),
            "a loudspeaker is no microphone"
        );
        assert_eq!(position(&infos, "usb", Direction::Loudspeaker), Some(2));
    }
}
