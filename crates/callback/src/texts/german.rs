//! German.

use super::{Explanation, Phrases, explain};
use crate::topic::Topic;

pub(super) const PHRASES: Phrases = Phrases {
    code: "de",
    home_title: "Instagram-Zugang, der hält",
    home_what: "Dieser Dienst erhält den Zugang zu einem Instagram-Konto: Sie erlauben ihn einmal, und er wird erneuert, bevor er abläuft.",
    home_connect: "Konto verbinden",
    home_professional: "Es geht mit professionellen Konten (Business oder Creator).",
    home_invited: "Um ein Konto zu verbinden, brauchen Sie einen Einladungslink. Fragen Sie danach, wer diesen Dienst betreibt.",
    note_title: "Verbinden Sie Ihr Instagram-Konto",
    note_lead: "Wer Sie eingeladen hat, schreibt:",
    note_next: "Als Nächstes fragt Instagram Sie, ob Sie es erlauben. Sie können es dort jederzeit zurücknehmen.",
    note_continue: "Weiter zu Instagram",
    connected_title: "Verbunden",
    connected_heading: "@{username} ist verbunden",
    connected_done: "Für Sie ist nichts mehr zu tun. Der Zugang erneuert sich von selbst, lange bevor er abläuft.",
    connected_account: "Konto",
    connected_until: "Der jetzige Zugang gilt bis",
    connected_location: "Wo er liegt",
    connected_command: "Wer diesen Dienst betreibt, liest ihn mit:",
    deletion_title: "Ihre Daten wurden gelöscht",
    deletion_account: "Alles, was zu Ihrem Instagram-Konto gespeichert war, wurde endgültig gelöscht: der Zugang, die Kennungen, der Benutzername und der Zeitpunkt der Verbindung.",
    deletion_nothing: "Zu Ihrem Instagram-Konto war nichts gespeichert, als die Anfrage kam.",
    deletion_when: "Datum der Anfrage (UTC)",
    deletion_left: "Für Sie ist nichts mehr zu tun.",
    problem_start: "Neu beginnen",
    problem_operator: "Für die Person, die diesen Dienst betreibt",
    problem_reference: "Kennzeichen, auch im Protokoll:",
};

const AGAIN: &str = "Beginnen Sie noch einmal mit dem Link, den Sie bekommen haben.";
const NEW_INVITE: &str = "Bitten Sie die Person, die ihn geschickt hat, um einen neuen Link.";
const LATER: &str = "Beginnen Sie in einer Minute noch einmal. Bleibt es so, sagen Sie es der Person, die diesen Dienst betreibt, und nennen Sie das Kennzeichen unten.";
const TELL: &str = "Sie haben nichts falsch gemacht. Sagen Sie es der Person, die diesen Dienst betreibt, und nennen Sie das Kennzeichen unten.";

#[expect(clippy::too_many_lines, reason = "a table, one row a page")]
pub(super) fn explanation(topic: Topic) -> Explanation {
    match topic {
        Topic::InviteMissing => explain(
            "Sie brauchen eine Einladung",
            "Konten werden hier nur über einen Einladungslink verbunden.",
            "Bitten Sie die Person, die Sie hierher geschickt hat, um einen Link.",
        ),
        Topic::InviteForged => explain(
            "Diese Einladung ist nicht gültig",
            "Der Link wurde unterwegs verändert oder abgeschnitten, oder er gehört zu einem anderen Dienst.",
            "Öffnen Sie den ganzen Link noch einmal; hilft das nicht, bitten Sie um einen neuen.",
        ),
        Topic::InviteExpired => explain(
            "Diese Einladung ist abgelaufen",
            "Einladungslinks gelten nur eine Zeit lang.",
            NEW_INVITE,
        ),
        Topic::InviteUsed => explain(
            "Diese Einladung wurde schon benutzt",
            "Sie galt für eine Anmeldung, und ein Konto wurde mit ihr verbunden.",
            "Waren Sie das, ist nichts mehr zu tun. Wenn nicht, bitten Sie die Person, die sie geschickt hat, um einen neuen Link.",
        ),
        Topic::ReturnNotAllowed => explain(
            "Dieser Link führt an einen Ort, der nicht erlaubt ist",
            "Nach der Anmeldung würde er Sie zu einer Adresse schicken, die dieser Dienst nicht kennt.",
            NEW_INVITE,
        )
        .operator("Die Adresse in EVERTOKEN_RETURN_URLS aufnehmen (in der Vorlage ReturnUrls) oder einen Link ohne sie machen."),
        Topic::Cancelled => explain(
            "Sie haben das Konto nicht verbunden",
            "Sie haben auf der Seite von Instagram abgebrochen. Nichts wurde gespeichert.",
            "Beginnen Sie noch einmal, wenn Sie das nicht wollten.",
        ),
        Topic::StateMissing => explain(
            "Diese Seite lässt sich nicht für sich öffnen",
            "Sie gehört zu einer Anmeldung, und es wurde keine begonnen.",
            AGAIN,
        ),
        Topic::StateForged => explain(
            "Diese Anmeldung lässt sich nicht fortsetzen",
            "Ihre Adresse wurde auf dem Rückweg von Instagram verändert oder abgeschnitten.",
            AGAIN,
        ),
        Topic::StateExpired => explain(
            "Diese Anmeldung hat zu lange gedauert",
            "Eine Anmeldung muss in zehn Minuten fertig sein.",
            AGAIN,
        ),
        Topic::StateUsed => explain(
            "Diese Anmeldung ist vorbei",
            "Sie wurde schon versucht und gelang nicht; Zurückgehen oder Neuladen wiederholt sie nicht.",
            AGAIN,
        ),
        Topic::OtherBrowser => explain(
            "Diese Anmeldung wurde nicht in diesem Browser begonnen",
            "Sie begann in einem anderen Browser oder einer App (die Instagram-App öffnet ihren eigenen), oder Ihr Browser nimmt keine Cookies an.",
            "Kopieren Sie den Link, den Sie bekommen haben, öffnen Sie ihn in einem Browser und bleiben Sie bis zum Ende dort.",
        ),
        Topic::CodeMissing => explain(
            "Die Antwort von Instagram ist unvollständig",
            "Instagram hat Sie ohne Autorisierungscode zurückgeschickt.",
            AGAIN,
        ),
        Topic::CodeUsed => explain(
            "Die Antwort von Instagram wurde schon benutzt",
            "Eine Antwort von Instagram gilt eine Stunde und für ein Mal, und diese ist verbraucht.",
            AGAIN,
        ),
        Topic::ScopesMissing => explain(
            "Eine Berechtigung fehlt",
            "Diese Berechtigungen wurden nicht erteilt: {scopes}.",
            "Beginnen Sie noch einmal und lassen Sie jede Berechtigung angehakt. Nichts wurde gespeichert.",
        )
        .operator("EVERTOKEN_SCOPES (in der Vorlage Scopes) sagt, worum gebeten wird."),
        Topic::PersonalAccount => explain(
            "Das ist ein privates Konto",
            "@{username} ist ein privates Konto, und Instagram bedient nur professionelle.",
            "Öffnen Sie in der Instagram-App Einstellungen > Kontoart und Tools > Zu professionellem Konto wechseln; das ist kostenlos. Beginnen Sie dann noch einmal.",
        ),
        Topic::OtherAccount => explain(
            "Das ist ein anderes Konto als erwartet",
            "Sie haben sich als @{username} angemeldet, aber dieser Link ist für {expected}.",
            "Öffnen Sie https://www.instagram.com/ und wechseln Sie zum richtigen Konto, dann beginnen Sie noch einmal. Nichts wurde gespeichert.",
        )
        .operator("Soll das neue Konto an die Stelle des alten treten, dann eine Einladung machen, die es erlaubt (evertoken invite --replace)."),
        Topic::TesterNotAccepted => explain(
            "Instagram lässt dieses Konto noch nicht herein",
            "Dieses Konto hat die Tester-Einladung nicht angenommen, oder der App fehlt Advanced Access.",
            "Öffnen Sie am Rechner, als dieses Konto angemeldet, https://www.instagram.com/accounts/manage_access/ und nehmen Sie unter Tester-Einladungen an. Beginnen Sie dann noch einmal.",
        )
        .operator("Instagram sagte \"Unsupported request - method type: get\" (Code 100). Bei eigenen Konten: App roles > Roles > Instagram Testers in Metas Dashboard; Schreibweise prüfen, und ob die Einladung (30 Tage) angenommen ist. Bei allen anderen: App Review für Advanced Access, Business Verification und die jährliche Prüfung der Datennutzung."),
        Topic::InsufficientRole => explain(
            "Dieses Konto gehört noch nicht zur App",
            "Die App ist noch in Entwicklung, und Instagram lässt nur Konten herein, die eine Rolle darin haben.",
            "Bitten Sie die Person, die diesen Dienst betreibt, Sie als Instagram-Tester aufzunehmen, nehmen Sie unter https://www.instagram.com/accounts/manage_access/ an und beginnen Sie noch einmal. Sehen Sie nach, mit welchem Konto Ihr Browser angemeldet ist.",
        )
        .operator("Das Konto unter App roles > Roles > Instagram Testers in Metas Dashboard aufnehmen oder die App durch App Review bringen (Instagram sagte \"Insufficient developer role\")."),
        Topic::AppCredentials => explain(
            "Dieser Dienst ist nicht richtig eingerichtet",
            "Instagram nimmt Kennung oder Geheimnis der App nicht an.",
            TELL,
        )
        .operator("Instagram app ID und Instagram app secret aus Instagram > API setup with Instagram login > Business login settings kopieren; die unter App settings > Basic sind ein anderes Paar (\"Invalid platform app\"). Auf Leerzeichen um das Geheimnis achten."),
        Topic::RedirectMismatch => explain(
            "Die Adresse dieses Dienstes ist nicht eingetragen",
            "Instagram kennt die Adresse nicht, an die es Sie zurückschicken soll.",
            TELL,
        )
        .operator("Die Adresse von /callback unter Business login settings > OAuth redirect URIs eintragen, gleich bis auf den Buchstaben: https, Host, kein Schrägstrich am Ende (das Dashboard kann beim Speichern einen anhängen; noch einmal nachlesen)."),
        Topic::InvalidScope => explain(
            "Dieser Dienst bittet um eine Berechtigung, die es nicht gibt",
            "Instagram kennt eine der Berechtigungen nicht.",
            TELL,
        )
        .operator("EVERTOKEN_SCOPES nimmt Berechtigungen mit instagram_business_... user_profile und user_media endeten mit der Basic Display API im Dezember 2024, business_basic und Verwandte im Januar 2025."),
        Topic::CapabilityMissing => explain(
            "Der App fehlt eine Fähigkeit",
            "Instagram sagt, dass die App das nicht darf (Code 3).",
            TELL,
        )
        .operator("Der App in Metas Dashboard das Produkt Instagram und dessen Berechtigungen hinzufügen."),
        Topic::RequestRefused => explain(
            "Instagram hat die Anfrage abgelehnt",
            "Instagram nennt sie fehlerhaft oder nicht erlaubt.",
            TELL,
        )
        .operator("Schritt, Code und Trace-Id stehen im Protokoll. Auch eine Graph-Version, die es nicht mehr gibt, führt hierher: siehe EVERTOKEN_GRAPH_VERSION."),
        Topic::InstagramUnavailable => explain(
            "Instagram ist gerade nicht erreichbar",
            "Instagram hat nicht geantwortet oder eine vorübergehende Störung gemeldet. Nichts wurde gespeichert.",
            LATER,
        ),
        Topic::InstagramUnclear => explain(
            "Instagram hat nicht richtig geantwortet",
            "Die Antwort war nicht zu verstehen. Nichts wurde gespeichert.",
            LATER,
        ),
        Topic::Throttled => explain(
            "Instagram bittet zu warten",
            "Es erlaubt vorerst keine weiteren Anmeldungen. Nichts wurde gespeichert.",
            "Beginnen Sie in einer Stunde noch einmal.",
        )
        .operator("Das Kontingent der App ist verbraucht (Codes 4, 17, 32, 613 oder 800xx). Metas Dashboard zeigt den Verbrauch; weitere Versuche verlängern das Warten."),
        Topic::PolicyBlock => explain(
            "Instagram hat das für eine Weile gesperrt",
            "Es hat die App oder das Konto wegen seiner Richtlinien gesperrt (Code 368).",
            "Sehen Sie in der Instagram-App nach einer Nachricht an Sie, und beginnen Sie später noch einmal.",
        )
        .operator("Die Hinweise zur App in Metas Dashboard ansehen."),
        Topic::ActionBlocked => explain(
            "Instagram hat Aktionen dieses Kontos gesperrt",
            "Instagram lässt dieses Konto nicht tun, worum gebeten wurde.",
            "Öffnen Sie Instagram, tun Sie, worum es bittet, und beginnen Sie dann noch einmal.",
        ),
        Topic::Checkpoint => explain(
            "Instagram möchte erst eine Bestätigung von Ihnen",
            "Es bittet dieses Konto, sich auf seiner eigenen Seite anzumelden und den Anweisungen dort zu folgen.",
            "Öffnen Sie https://www.instagram.com/ in einem Browser, tun Sie, worum es bittet, und beginnen Sie dann noch einmal.",
        ),
        Topic::Unconfirmed => explain(
            "Dieses Instagram-Konto ist nicht bestätigt",
            "Instagram wartet darauf, dass E-Mail-Adresse oder Telefonnummer bestätigt wird.",
            "Bestätigen Sie sie in der Instagram-App und beginnen Sie dann noch einmal.",
        ),
        Topic::AppRemoved => explain(
            "Die App wurde während der Anmeldung entfernt",
            "Instagram sagt, dass dieses Konto den Zugang zurückgenommen hat.",
            "Beginnen Sie noch einmal und wählen Sie Erlauben.",
        ),
        Topic::PasswordChanged => explain(
            "Instagram hat die Sitzung beendet",
            "Das Passwort wurde geändert, oder Instagram hat aus Sicherheitsgründen alle Sitzungen beendet.",
            "Melden Sie sich bei Instagram neu an und beginnen Sie dann hier noch einmal.",
        ),
        Topic::TokenRefused => explain(
            "Instagram nimmt seine eigene Antwort nicht an",
            "Es hat einen Zugang ausgestellt und ihn beim Versuch abgelehnt. Nichts wurde gespeichert.",
            LATER,
        )
        .operator("Code 190. Bleibt es so, passen die Hosts vielleicht nicht zur Art der Anmeldung (EVERTOKEN_PROVIDER, EVERTOKEN_GRAPH_URL)."),
        Topic::PermissionMissing => explain(
            "Eine Berechtigung wurde nicht erteilt",
            "Instagram sagt, dass eine Berechtigung fehlt oder zurückgenommen wurde.",
            "Beginnen Sie noch einmal und lassen Sie jede Berechtigung angehakt.",
        )
        .operator("Code 10 oder 200 bis 299. Die Berechtigung kann auch Advanced Access brauchen."),
        Topic::VaultUnavailable => explain(
            "Das Konto konnte nicht gespeichert werden",
            "Der Ort, an dem Zugänge liegen, hat nicht geantwortet.",
            LATER,
        ),
        Topic::VaultDenied => explain(
            "Dieser Dienst darf das Konto nicht speichern",
            "Der Ort, an dem Zugänge liegen, weist diesen Dienst ab.",
            TELL,
        )
        .operator("Die Rolle der Funktion mit der Vorlage vergleichen, und die Richtlinie des KMS-Schlüssels, falls es einen eigenen gibt. Der Fehlercode von AWS steht im Protokoll."),
        Topic::VaultUnreadable => explain(
            "Unter diesem Namen liegt etwas anderes",
            "Was dort liegt, ist nicht zu lesen und wurde darum nicht angerührt.",
            TELL,
        )
        .operator("Das Secret dieses Namens ansehen: Es ist kein Kontodokument, oder eines einer späteren Version von Evertoken. Verschieben oder einen anderen Namen wählen."),
        Topic::AppNotSetUp => explain(
            "Dieser Dienst ist noch nicht eingerichtet",
            "Kennung und Geheimnis der Instagram-App sind nicht eingetragen.",
            TELL,
        )
        .operator("Das App-Secret ausfüllen: {\"app_id\":\"...\",\"app_secret\":\"...\",\"previous_app_secrets\":[]}. Das Protokoll nennt das Secret und was daran nicht stimmt."),
        Topic::CredentialsUnavailable => explain(
            "Dieser Dienst kann Sie gerade nicht anmelden",
            "Seine eigenen Zugangsdaten waren nicht zu lesen.",
            LATER,
        )
        .operator("Das Protokoll nennt das Secret und den Fehlercode von AWS."),
        Topic::Internal => explain(
            "Hier ist etwas schiefgegangen",
            "Die Maschine, die diese Seite ausliefert, hat eine Störung.",
            LATER,
        ),
        Topic::ReceiptInvalid => explain(
            "Hier gibt es nichts zu zeigen",
            "Diese Seite zeigt eine Anmeldung bis eine Stunde danach.",
            "Nichts ist zu tun: Was verbunden wurde, bleibt verbunden.",
        ),
        Topic::SignedRequestMalformed => explain(
            "Es fehlt ein signed_request",
            "Die Anfrage hat kein Feld signed_request, das zu lesen wäre.",
            "Diese Adresse ist für die Server von Instagram. Nichts wurde geändert.",
        ),
        Topic::SignedRequestForged => explain(
            "Der signed_request ist nicht gültig",
            "Er ist nicht mit dem Geheimnis dieser App unterschrieben.",
            "Diese Adresse ist für die Server von Instagram. Nichts wurde geändert.",
        )
        .operator("Kam er von Meta: das andere oder frühere Geheimnis der App in previous_app_secrets aufnehmen."),
        Topic::BodyTooLarge => explain(
            "Die Anfrage ist zu groß",
            "Sie ist größer als 64 KiB.",
            "Diese Adresse ist für die Server von Instagram. Nichts wurde geändert.",
        ),
        Topic::DeletionUnknown => explain(
            "Dieser Bestätigungscode ist nicht bekannt",
            "Er wurde verändert oder abgeschnitten, oder er ist von einem anderen Dienst.",
            "Öffnen Sie die ganze Adresse noch einmal, wie Instagram sie zeigt.",
        ),
        Topic::NotFound => explain(
            "Diese Seite gibt es nicht",
            "Die Adresse führt nirgendwohin.",
            "Öffnen Sie noch einmal den Link, den Sie bekommen haben.",
        ),
        Topic::WrongMethod => explain(
            "Diese Seite wird anders geöffnet",
            "Die Methode der Anfrage passt nicht zur Adresse.",
            "Öffnen Sie noch einmal den Link, den Sie bekommen haben.",
        ),
    }
}
