//! German.

pub(super) mod errors;

use super::phrases::Phrases;

pub(super) const PHRASES: Phrases = Phrases {
    lang: "de",
    home_title: "Ihr Instagram-Konto bleibt verbunden",
    home_description: "Verbinden Sie Ihr Instagram-Konto einmal. Dieser Dienst erneuert die Verbindung, bevor sie abläuft.",
    home_connect: "Konto verbinden",
    home_requirement: "Sie benötigen ein professionelles Konto (Business oder Creator).",
    home_invite_only: "Um ein Konto zu verbinden, benötigen Sie einen Einladungslink. Sie erhalten ihn vom Betreiber dieses Dienstes.",
    note_title: "Instagram-Konto verbinden",
    note_from: "Nachricht der Person, die Sie eingeladen hat:",
    note_next: "Im nächsten Schritt bittet Instagram Sie um Ihre Zustimmung. Sie können sie dort jederzeit widerrufen.",
    note_continue: "Weiter zu Instagram",
    connected_title: "Konto verbunden",
    connected_heading: "@{username} ist verbunden",
    connected_next: "Alles erledigt. Die Verbindung wird automatisch erneuert, lange bevor sie abläuft.",
    connected_name: "Kontoname",
    connected_until: "Aktueller Zugriff läuft ab am",
    connected_location: "Gespeichert in",
    connected_command: "So lesen Sie das Token aus:",
    deletion_title: "Datenlöschung abgeschlossen",
    deletion_account: "Alle zu Ihrem Instagram-Konto gespeicherten Daten wurden endgültig gelöscht: das Zugriffstoken, die Konto-IDs, der Benutzername und das Datum der Verbindung.",
    deletion_nothing: "Als die Anfrage eintraf, waren keine Daten zu Ihrem Instagram-Konto gespeichert.",
    deletion_date: "Datum der Anfrage (UTC)",
    deletion_next: "Sie müssen nichts weiter tun.",
    operator_heading: "Für den Betreiber dieses Dienstes",
    error_restart: "Neu starten",
    error_reference: "Referenz (auch im Protokoll):",
};
