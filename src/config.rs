//! Settings: defaults, then `attendant.toml`, then `ATTENDANT_…` environment, then flags.
//!
//! The table below is the only place where a setting is written down: its struct field, type,
//! default, description and example. Reading, printing and the documentation follow from it. This is
//! the complete form that everything else sees; [`load`] makes it from what was given.

use crate::pii::Secret;
use std::net::SocketAddr;
use std::path::PathBuf;

mod check;
pub mod load;
pub mod print;
pub mod problem;
mod table;
mod value;

pub use check::{is_e164, missing_files};
pub use load::{File, Loaded, Sources, load};
pub use problem::{ConfigError, Problem, Source};
pub use table::{Key, Section, keys};
pub use value::HumanTransfer;

table::settings! {
    /// When a caller's turn is over, in ms of silence (VoiceXML `completetimeout`,
    /// `incompletetimeout`, `maxspeechtimeout`).
    call: Endpointing {
        /// Recognition starts, while the caller may still go on, in ms.
        early_ms: u32 = 160;
        /// The words fill the open question, in ms.
        complete_ms: u32 = 200;
        /// The words are a whole sentence, as far as the business's examples tell, in ms. Less than a
        /// caller's pause of 600 ms answers sooner, and cuts off whoever adds to a whole sentence.
        whole_ms: u32 = 720;
        /// The words may be the whole turn, in ms. Sentences with a 600 ms pause in them are common
        /// and must not be cut.
        open_ms: u32 = 720;
        /// The words surely go on, in ms.
        incomplete_ms: u32 = 2000;
        /// Longest turn, in ms of speech; pauses do not count.
        max_speech_ms: u32 = 15_000;
    }

    /// What the bot answers for.
    business: Business {
        /// A domain folder; none: the built-in sample shop.
        domain: Option<PathBuf> = None, like "my-shop";
        /// The human line, E.164.
        human_line: Option<String> = None, like "+15555550100";
        /// How a call is passed to that person. `blind`: his telephone rings, and who answers has the caller.
        /// `whisper`: who answers hears first, in two sentences, what it is about, and presses 1 to take the
        /// call; nobody who answers by machine gets a caller then. `warm`: the same, and the caller stays with
        /// the bot until then. A line that cannot do it does the most that it can (`attendant lines`).
        human_transfer: HumanTransfer = HumanTransfer::Blind;
        /// The file that the business's data is kept in, an SQLite database; none:
        /// `attendant/stores/NAME.db` in `$XDG_DATA_HOME`, usually in `~/.local/share`; `:memory:`:
        /// nothing is kept.
        store: Option<PathBuf> = None, like "shop.db";
    }

    /// What hears.
    recognizer: Recognizer {
        /// A Whisper ggml file, or the name of an installed model (`attendant models list`); none: the
        /// bundled model.
        model: Option<PathBuf> = None, like "models/ggml-base.en.bin";
        /// A general Whisper ggml file that hears again what the first model is unsure of; none: nobody
        /// does.
        second: Option<PathBuf> = None, like "models/ggml-base.en.bin";
        /// The second model is asked when the first is less sure than this, in thousandths.
        second_below: u32 = 600;
        /// Longest wait for the second model, in ms; then the first one's words stand.
        second_budget_ms: u32 = 600;
        /// Recognitions at the same time, one thread each; 0: half the cores, at least 2 where there are 2.
        workers: usize = 0;
        /// Recognitions waiting before a call is told that the recogniser is busy.
        queue: usize = 64;
    }

    /// What speaks.
    voice: Voice {
        /// espeak-ng voice name for the language that calls begin with; none: the one of that language.
        espeak: Option<String> = None, like "en-gb";
        /// espeak-ng voice name for English.
        espeak_en: String = "en-us".into();
        /// espeak-ng voice name for Spanish.
        espeak_es: String = "es-419".into();
        /// Words per minute.
        rate_wpm: u32 = 165;
        /// A Piper voice (`….onnx` with `….onnx.json` beside it), or the name of an installed one, for
        /// the language that calls begin with; none: the one of that language, else espeak-ng.
        piper: Option<PathBuf> = None, like "voices/en_US-lessac-medium.onnx";
        /// A Piper voice for English; none: espeak-ng.
        piper_en: Option<PathBuf> = None, like "voices/en_US-lessac-medium.onnx";
        /// A Piper voice for Spanish; none: espeak-ng.
        piper_es: Option<PathBuf> = None, like "voices/es_ES-davefx-medium.onnx";
        /// The ONNX Runtime library for Piper; none: looked for in the usual places.
        onnxruntime: Option<PathBuf> = None, like "/usr/local/lib/libonnxruntime.so";
    }

    /// Models that are fetched by name.
    models: Models {
        /// The folder that they are kept in; none: `attendant/models` in `$XDG_DATA_HOME`, usually
        /// `~/.local/share/attendant/models`.
        dir: Option<PathBuf> = None, like "/srv/models";
        /// A list of models of your own (TOML, as `models/catalog.toml`), beside the built-in one.
        catalog: Option<PathBuf> = None, like "catalog.toml";
    }

    /// Where calls come in.
    server: Server {
        /// Address and port of webhooks and media sockets.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080));
        /// Where the carrier reaches us, `https://…`, without a trailing slash; none: the listen
        /// address.
        public_url: Option<String> = None, like "https://bot.example.com";
        /// Calls at the same time; the next one is sent to the human line. Fewer are taken while frames come
        /// late or the recogniser is behind (`/readyz` tells it).
        max_calls: usize = 64;
        /// Time that running calls get after SIGTERM, in s; callers who are still there 20 s before its end are told then.
        drain_s: u32 = 120;
    }

    /// The Exotel flow.
    exotel: Exotel {
        /// A secret of your own choice that the flow's URLs carry. Better kept in the environment than here.
        secret: Option<Secret<String>> = None, like "…";
    }

    /// The browser phone and kiosk at `/`.
    kiosk: Kiosk {
        /// Everybody who can reach this server may call from the page. Otherwise it is served to this
        /// machine only, and not at all beside lines that have secrets.
        open: bool = false;
        /// Calls from the page at the same time, of all that `server.max_calls` allows.
        max_calls: usize = 16;
        /// Other sites whose pages may call or show the page in a frame, with commas between them.
        origins: Option<String> = None, like "https://www.example.com";
    }

    /// Asterisk, over chan_websocket and AudioSocket.
    asterisk: Asterisk {
        /// What Asterisk shows on media sockets and with the questions of its dialplan (HTTP Basic, any
        /// user name); none: everybody on this machine may come in.
        secret: Option<Secret<String>> = None, like "…";
    }

    /// Asterisk's AudioSocket, which has a port of its own.
    audiosocket: Audiosocket {
        /// Address and port, on this machine or in a private network; none: off.
        listen: Option<SocketAddr> = None, like "127.0.0.1:9019";
        /// Whether calls from this machine, too, must have been announced.
        strict: bool = false;
    }

    /// FreeSWITCH, with mod_audio_stream or mod_audio_fork.
    freeswitch: Freeswitch {
        /// What the modules show on media sockets (HTTP Basic or Bearer); none: everybody on this
        /// machine may come in.
        secret: Option<Secret<String>> = None, like "…";
    }

    /// How people's own system gets to know of a call that is passed on to them: see `src/desk/README.md`.
    handover: Handover {
        /// Where a packet about every call that is passed on is sent to; none: nowhere.
        webhook: Option<String> = None, like "https://desk.example.com/attendant";
        /// Signs the packets: `whsec_` and base64, or any text of 16 bytes or more. Better kept in the
        /// environment than here.
        secret: Option<Secret<String>> = None, like "…";
        /// Whether the webhook may be plain http on another machine: packets hold personal data.
        insecure: bool = false;
        /// Packets lie in this folder until they were taken.
        spool: PathBuf = "spool".into();
        /// Most packets that wait there; further ones are lost, with an error in the log.
        spool_max: u32 = 10_000;
        /// Longest wait for an answer of the webhook, in ms; then the packet is sent again.
        timeout_ms: u32 = 5000;
        /// Hours after which a packet that nobody takes is put aside.
        give_up_h: u32 = 72;
        /// Where `recordings.dir` is served to people, for the links in packets; none: they are paths on
        /// this machine.
        recordings_url: Option<String> = None, like "https://files.example.com/calls";
    }

    /// The Plivo account.
    plivo: Plivo {
        /// Names the account in orders; with it calls are hung up by an order, else by the XML behind
        /// the stream.
        auth_id: Option<String> = None, like "MAXXXXXXXXXXXXXXXXXX";
        /// Signs webhooks, and gives orders. Better kept in the environment than here.
        auth_token: Option<Secret<String>> = None, like "…";
        /// Where orders go.
        api_url: String = "https://api.plivo.com".into();
    }

    /// The SignalWire project.
    signalwire: Signalwire {
        /// Checks webhooks: the project's signing key. Better kept in the environment than here.
        signing_key: Option<Secret<String>> = None, like "PSK_…";
        /// Names the project in orders, for `business.human_transfer = "warm"`.
        project_id: Option<String> = None, like "00000000-0000-0000-0000-000000000000";
        /// Gives orders. Better kept in the environment than here.
        api_token: Option<Secret<String>> = None, like "PT…";
        /// The space's address, where orders go.
        space_url: Option<String> = None, like "https://example.signalwire.com";
    }

    /// The Telnyx account.
    telnyx: Telnyx {
        /// Gives orders: a V2 API key. Better kept in the environment than here.
        api_key: Option<Secret<String>> = None, like "…";
        /// Checks webhooks: the account's public key, base64.
        public_key: Option<String> = None, like "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
        /// Where orders go.
        api_url: String = "https://api.telnyx.com".into();
    }

    /// The Twilio account.
    twilio: Twilio {
        /// Signs webhooks and the media socket's upgrade. Better kept in the environment than here.
        auth_token: Option<Secret<String>> = None, like "…";
        /// Names the account in orders, for `business.human_transfer = "warm"`: from the console, beside the
        /// token.
        account_sid: Option<String> = None, like "AC00000000000000000000000000000000";
        /// Where orders go.
        api_url: String = "https://api.twilio.com".into();
    }

    /// The Genesys Cloud Audio Connector integration.
    genesys: Genesys {
        /// Its API key, which every socket shows.
        api_key: Option<Secret<String>> = None, like "…";
        /// Its client secret, base64, which signs every socket; none: the API key is enough.
        client_secret: Option<Secret<String>> = None, like "…";
    }

    /// The jambonz application.
    jambonz: Jambonz {
        /// What its webhooks and sockets show as `Authorization: Basic`, with any user name.
        password: Option<Secret<String>> = None, like "…";
        /// Signs webhooks: the account's webhook secret.
        webhook_secret: Option<Secret<String>> = None, like "…";
        /// Names the account in orders, for `business.human_transfer = "warm"`.
        account_sid: Option<String> = None, like "00000000-0000-0000-0000-000000000000";
        /// Gives orders: the account's API key. Better kept in the environment than here.
        api_key: Option<Secret<String>> = None, like "…";
        /// Where orders go.
        api_url: Option<String> = None, like "https://jambonz.cloud/api";
        /// Calls are handed over by SIP REFER, instead of a call of jambonz's own.
        refer: bool = false;
        /// Your number, E.164, which a person who is called sees; none: the caller's.
        caller_id: Option<String> = None, like "+15555550199";
    }

    /// The Vonage application.
    vonage: Vonage {
        /// Signs webhooks: the account's signature secret. Better kept in the environment than here.
        signature_secret: Option<Secret<String>> = None, like "…";
        /// Names the application in orders, for `business.human_transfer = "warm"`.
        application_id: Option<String> = None, like "00000000-0000-0000-0000-000000000000";
        /// The file with the application's private key, PEM, which signs orders.
        private_key: Option<PathBuf> = None, like "vonage.key";
        /// Where orders go.
        api_url: String = "https://api.nexmo.com".into();
    }

    /// What is kept of a call.
    recordings: Recordings {
        /// One folder per call is made here: `journal.jsonl`, `caller.wav`, `call.wav` (stereo), `bundle.json`.
        dir: PathBuf = "recordings".into();
        /// Whether sound is kept; the journal always is.
        audio: bool = true;
        /// The oldest calls are deleted when all of them are larger than this, in MB; a minute of call is 6. 0: never.
        max_mb: u32 = 10_000;
        /// Calls older than this are deleted, in days. 0: never.
        max_days: u32 = 90;
    }
}
