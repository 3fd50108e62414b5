//! The error pages in German.

use crate::error_page::ErrorPage;
use crate::texts::explanation::Explanation;

const START_AGAIN: &str = "Starten Sie die Anmeldung erneut über den Link, den Sie erhalten haben.";
const ASK_FOR_NEW_LINK: &str = "Bitten Sie die Person, von der Sie den Link haben, um einen neuen.";
const TRY_LATER: &str = "Warten Sie eine Minute und starten Sie die Anmeldung dann neu. Besteht das Problem weiterhin, wenden Sie sich an den Betreiber dieses Dienstes und nennen Sie die Referenz unten.";
const CONTACT_OPERATOR: &str = "Sie haben nichts falsch gemacht. Wenden Sie sich an den Betreiber dieses Dienstes und nennen Sie die Referenz unten.";
const CLOSE_PAGE: &str =
    "Sie können diese Seite schließen. Die Adresse wird nur von den Servern von Instagram verwendet.";
const CONNECT_AGAIN: &str = "Bitten Sie den Kontoinhaber, das Konto erneut zu verbinden.";

#[expect(clippy::too_many_lines, reason = "a table with one entry per page")]
pub(in crate::texts) fn explanation(page: ErrorPage) -> Explanation {
    match page {
        ErrorPage::InviteMissing => Explanation {
            title: "Sie benötigen einen Einladungslink",
            cause: "Konten können hier nur über einen Einladungslink verbunden werden.",
            remedy: "Bitten Sie die Person, die Sie hierher verwiesen hat, um einen Einladungslink.",
            operator: "Erstellen Sie mit evertoken invite eine Einladung. Damit alle ein Konto verbinden können, setzen Sie EVERTOKEN_LOGIN (in der Vorlage LoginMode) auf open.",
        },
        ErrorPage::InviteForged => Explanation {
            title: "Dieser Einladungslink ist ungültig",
            cause: "Der Link ist unvollständig, wurde verändert oder gehört zu einem anderen Dienst.",
            remedy: "Öffnen Sie noch einmal den vollständigen Link. Wenn das nicht hilft, bitten Sie um einen neuen.",
            operator: "Einladungen sind signiert. Behalten Sie nach einem Schlüsselwechsel den bisherigen Schlüssel im Signatur-Secret, bis alle offenen Einladungen abgelaufen sind.",
        },
        ErrorPage::InviteExpired => Explanation {
            title: "Dieser Einladungslink ist abgelaufen",
            cause: "Einladungslinks gelten nur für begrenzte Zeit.",
            remedy: ASK_FOR_NEW_LINK,
            operator: "Erstellen Sie mit evertoken invite eine neue Einladung. Mit --expires legen Sie fest, wie lange sie gilt.",
        },
        ErrorPage::InviteUsed => Explanation {
            title: "Dieser Einladungslink wurde bereits verwendet",
            cause: "Der Link galt für ein einziges Konto, und dieses Konto wurde bereits verbunden.",
            remedy: "Haben Sie es selbst verbunden, ist alles erledigt. Wenn nicht, bitten Sie die Person, von der Sie den Link haben, um einen neuen.",
            operator: "evertoken list zeigt die verbundenen Konten. Einladungen ohne --once können mehrmals verwendet werden.",
        },
        ErrorPage::ReturnNotAllowed => Explanation {
            title: "Dieser Link führt zu einer nicht erlaubten Adresse",
            cause: "Nach der Anmeldung würde er Sie zu einer Adresse weiterleiten, der dieser Dienst nicht vertraut.",
            remedy: ASK_FOR_NEW_LINK,
            operator: "Nehmen Sie die Adresse in EVERTOKEN_RETURN_URLS (in der Vorlage ReturnUrls) auf oder erstellen Sie einen Link ohne Rücksprungadresse.",
        },
        ErrorPage::Cancelled => Explanation {
            title: "Das Konto wurde nicht verbunden",
            cause: "Sie haben die Anmeldung abgebrochen. Es wurde nichts gespeichert.",
            remedy: "Wenn Sie das Konto doch verbinden möchten, starten Sie die Anmeldung neu.",
            operator: "Sie müssen nichts tun. Der Link kann erneut verwendet werden.",
        },
        ErrorPage::StateMissing => Explanation {
            title: "Diese Seite lässt sich nicht direkt aufrufen",
            cause: "Sie ist Teil einer Anmeldung, und es läuft gerade keine.",
            remedy: START_AGAIN,
            operator: "Verweisen Sie auf einen Einladungslink oder auf /login. Auf /callback sollten nur Instagram oder Facebook verweisen.",
        },
        ErrorPage::StateForged => Explanation {
            title: "Diese Anmeldung kann nicht fortgesetzt werden",
            cause: "Die Adresse, über die Sie zurückgeleitet wurden, ist unvollständig oder wurde verändert.",
            remedy: START_AGAIN,
            operator: "Laufende Anmeldungen sind signiert. Behalten Sie nach einem Schlüsselwechsel den bisherigen Schlüssel noch mindestens zehn Minuten im Signatur-Secret.",
        },
        ErrorPage::StateExpired => Explanation {
            title: "Diese Anmeldung hat zu lange gedauert",
            cause: "Eine Anmeldung muss innerhalb von zehn Minuten abgeschlossen sein.",
            remedy: START_AGAIN,
            operator: "Sie müssen nichts tun. Der Link kann erneut verwendet werden, bis er abläuft.",
        },
        ErrorPage::StateUsed => Explanation {
            title: "Diese Anmeldung ist bereits beendet",
            cause: "Sie ist fehlgeschlagen. Neuladen oder Zurückgehen wiederholt sie nicht.",
            remedy: START_AGAIN,
            operator: "Warum sie fehlgeschlagen ist, steht im Protokolleintrag des ersten Versuchs.",
        },
        ErrorPage::OtherBrowser => Explanation {
            title: "Diese Anmeldung wurde nicht in diesem Browser gestartet",
            cause: "Sie wurde in einem anderen Browser oder einer App gestartet (die Instagram-App öffnet einen eigenen Browser), oder Ihr Browser blockiert Cookies.",
            remedy: "Kopieren Sie den Link, den Sie erhalten haben, öffnen Sie ihn in einem Browser und bleiben Sie bis zum Schluss in diesem Browser.",
            operator: "Tritt das immer auf, prüfen Sie, ob der aufgerufene Host mit EVERTOKEN_PUBLIC_URL übereinstimmt. Das Anmelde-Cookie gilt nur für diesen Host.",
        },
        ErrorPage::CodeMissing => Explanation {
            title: "Die Antwort von Instagram ist unvollständig",
            cause: "Instagram hat Sie zurückgeleitet, bevor die Anmeldung abgeschlossen war. Es wurde nichts gespeichert.",
            remedy: START_AGAIN,
            operator: "Tritt das wiederholt auf, prüfen Sie, ob ein Proxy oder eine Firewall vor dem Dienst Query-Parameter entfernt.",
        },
        ErrorPage::CodeUsed => Explanation {
            title: "Diese Anmeldung wurde bereits verwendet",
            cause: "Instagram akzeptiert jede Anmeldung einmal und nur für kurze Zeit. Es wurde nichts gespeichert.",
            remedy: START_AGAIN,
            operator: "Tritt das wiederholt auf, prüfen Sie, ob ein Proxy oder Linkscanner /callback vor dem Browser aufruft.",
        },
        ErrorPage::ScopesMissing => Explanation {
            title: "Es fehlen Berechtigungen",
            cause: "Diese Berechtigungen wurden nicht erteilt: {scopes}. Es wurde nichts gespeichert.",
            remedy: "Starten Sie die Anmeldung neu und lassen Sie alle Berechtigungen ausgewählt.",
            operator: "Nicht erteilt: {scope_names}. EVERTOKEN_SCOPES (in der Vorlage Scopes) legt fest, welche Berechtigungen der Dienst anfordert.",
        },
        ErrorPage::PersonalAccount => Explanation {
            title: "Das ist ein persönliches Konto",
            cause: "@{username} ist ein persönliches Konto. Instagram lässt nur professionelle Konten zu.",
            remedy: "Öffnen Sie in der Instagram-App Einstellungen > Kontotyp und Tools > Zu professionellem Konto wechseln. Der Wechsel ist kostenlos. Starten Sie die Anmeldung danach neu.",
            operator: "Sie müssen nichts tun. Die API von Instagram unterstützt nur Business- und Creator-Konten.",
        },
        ErrorPage::OtherAccount => Explanation {
            title: "Dieser Link gilt für ein anderes Konto",
            cause: "Sie haben sich als @{username} angemeldet, aber dieser Link gilt für {expected}. Es wurde nichts gespeichert.",
            remedy: "Öffnen Sie [Instagram](https://www.instagram.com/) und wechseln Sie zum richtigen Konto. Starten Sie die Anmeldung danach neu.",
            operator: "Soll ein anderes Konto das gespeicherte ersetzen, führen Sie evertoken invite --replace aus und verschicken Sie den neuen Link.",
        },
        ErrorPage::TesterNotAccepted => Explanation {
            title: "Dieses Konto hat noch keinen Zugriff",
            cause: "Instagram lässt dieses Konto noch nicht zu. Meist wurde eine Einladung auf Instagram noch nicht angenommen.",
            remedy: "Melden Sie sich an einem Computer mit diesem Konto bei Instagram an, öffnen Sie [Apps und Websites](https://www.instagram.com/accounts/manage_access/) und nehmen Sie die Einladung unter Tester-Einladungen an. Starten Sie die Anmeldung danach neu.",
            operator: "Öffnen Sie bei eigenen Konten App roles > Roles > Instagram Testers im Dashboard von Meta. Prüfen Sie die Schreibweise des Benutzernamens und ob das Konto die Einladung unter https://www.instagram.com/accounts/manage_access/ angenommen hat (sie verfällt nach 30 Tagen). Für alle anderen Konten benötigt die App ein App Review für Advanced Access, die Business Verification und die jährliche Prüfung der Datennutzung. Die Meldung von Instagram lautet \"Unsupported request - method type: get\".",
        },
        ErrorPage::LoginNotOffered => Explanation {
            title: "Diese Anmeldung gibt es hier nicht",
            cause: "Der Link verlangt eine Anmeldung, die dieser Dienst nicht anbietet.",
            remedy: ASK_FOR_NEW_LINK,
            operator: "Setzen Sie EVERTOKEN_PROVIDER (Provider in der Vorlage) auf both, oder erstellen Sie eine Einladung ohne --provider.",
        },
        ErrorPage::ChoiceExpired => Explanation {
            title: "Die Auswahl ist abgelaufen",
            cause: "Ein Konto muss innerhalb von zehn Minuten nach der Anmeldung im selben Browser ausgewählt werden.",
            remedy: "Beginnen Sie von vorn.",
            operator: "Sie müssen nichts tun. Die Auswahl steht nur in einem Cookie des Browsers.",
        },
        ErrorPage::ChoiceNotOffered => Explanation {
            title: "Dieses Konto kann nicht ausgewählt werden",
            cause: "Das ausgewählte Konto ist mit Ihrer Anmeldung bei Facebook nicht erreichbar, oder Sie haben mehr Konten ausgewählt, als der Link erlaubt.",
            remedy: "Gehen Sie zurück und wählen Sie erneut, oder beginnen Sie von vorn.",
            operator: "Damit eine Anmeldung mehrere Konten verbinden kann, erstellen Sie die Einladung mit --accounts many.",
        },
        ErrorPage::NoPages => Explanation {
            title: "Keine Facebook-Seite gefunden",
            cause: "Instagram-Konten werden hier über eine Facebook-Seite erreicht. Ihr Facebook-Konto verwaltet keine, oder Sie haben auf Facebook keine ausgewählt.",
            remedy: "Beginnen Sie von vorn und wählen Sie die Seite auf Facebook aus, mit dem Facebook-Konto, das die volle Kontrolle über sie hat. Gibt es noch keine Seite, erstellen Sie auf Facebook eine und verknüpfen Sie Ihr Instagram-Konto mit ihr.",
            operator: "Das Facebook-Konto der Person verwaltet keine Seite. Prüfen Sie mit ihr, welches Facebook-Konto die volle Kontrolle über die Seite hat.",
        },
        ErrorPage::NoLinkedAccount => Explanation {
            title: "Mit Ihrer Seite ist kein Konto verknüpft",
            cause: "Mit keiner Ihrer Facebook-Seiten ist ein professionelles Instagram-Konto verknüpft.",
            remedy: "Öffnen Sie auf Facebook die Einstellungen der Seite, dann „Verknüpfte Konten“, und verknüpfen Sie das Instagram-Konto. Ist es bereits verknüpft, heben Sie die Verknüpfung auf und verknüpfen Sie es erneut. Beginnen Sie dann von vorn.",
            operator: "Keine der Seiten hat ein verknüpftes professionelles Konto. Ein veralteter Zustand bei Meta verschwindet oft, wenn man die Verknüpfung aufhebt und neu anlegt.",
        },
        ErrorPage::PagesNotGranted => Explanation {
            title: "Der Zugriff auf Ihre Seite fehlt",
            cause: "Ihre Facebook-Seite oder ihr Instagram-Konto wurde auf Facebook nicht ausgewählt, oder Sie haben nicht die volle Kontrolle über die Seite.",
            remedy: "Beginnen Sie von vorn. Bearbeiten Sie auf Facebook die vorherigen Einstellungen, und wählen Sie die Seite und das Instagram-Konto aus.",
            operator: "Die Person hat die Seite oder das Konto im Dialog nicht ausgewählt, oder ihr fehlt die volle Kontrolle über die Seite.",
        },
        ErrorPage::PagesUnreadable => Explanation {
            title: "Facebook nennt Ihre Seiten nicht",
            cause: "Facebook hat nicht angegeben, welche Facebook-Seiten Sie verwalten.",
            remedy: "Beginnen Sie von vorn. Bleibt das Problem bestehen, wenden Sie sich an den Betreiber dieses Dienstes und nennen Sie die Referenz unten.",
            operator: "Prüfen Sie in Metas Dashboard die Berechtigungen pages_show_list und business_management der App. Seiten eines Business-Portfolios brauchen business_management.",
        },
        ErrorPage::PageTokenExpires => Explanation {
            title: "Die Verbindung würde nach Stunden enden",
            cause: "Facebook hat den Zugriff nur für kurze Zeit erlaubt. Es wurde nichts gespeichert.",
            remedy: "Beginnen Sie von vorn. Bleibt das Problem bestehen, wenden Sie sich an den Betreiber dieses Dienstes und nennen Sie die Referenz unten.",
            operator: "Facebook hat ein Seitentoken mit einem Ablaufdatum ausgestellt. Ein solches Token wird nicht gespeichert.",
        },
        ErrorPage::PageRoleLost => Explanation {
            title: "Sie haben keine Rolle auf dieser Facebook-Seite",
            cause: "Facebook meldet, dass Sie die Seite nicht mehr verwalten, mit der das Instagram-Konto verknüpft ist.",
            remedy: "Bitten Sie jemanden mit voller Kontrolle über die Seite, das Konto zu verbinden oder Ihnen die volle Kontrolle zu geben.",
            operator: "Facebook meldet Code 190 mit Subcode 492: Die Person hat auf der Seite keine Rolle mehr.",
        },
        ErrorPage::DataAccessExpired => Explanation {
            title: "Der Zugriff ist beendet",
            cause: "Seit 90 Tagen hat niemand die Verbindung auf Facebook bestätigt.",
            remedy: "Beginnen Sie von vorn und bestätigen Sie die Verbindung auf Facebook.",
            operator: "Facebook meldet Code 190 mit Subcode 493: Die Person hat sich seit 90 Tagen nicht angemeldet. Nur eine neue Anmeldung hilft.",
        },
        ErrorPage::AccountUnlinked => Explanation {
            title: "Das Instagram-Konto ist nicht erreichbar",
            cause: "Das Konto ist nicht mehr mit der Facebook-Seite verknüpft, oder es wurde auf Facebook nicht ausgewählt.",
            remedy: "Öffnen Sie auf Facebook die Einstellungen der Seite, dann „Verknüpfte Konten“, und prüfen Sie das Instagram-Konto. Beginnen Sie dann von vorn, und wählen Sie die Seite und das Konto aus.",
            operator: "Facebook meldet Code 100 mit Subcode 33: Das Konto ist nicht mehr mit der Seite verknüpft oder nicht freigegeben.",
        },
        ErrorPage::ProofRejected => Explanation {
            title: "Facebook akzeptiert diesen Dienst nicht",
            cause: "Facebook hat eine Anfrage dieses Dienstes abgelehnt.",
            remedy: CONTACT_OPERATOR,
            operator: "Facebook akzeptiert appsecret_proof nicht. Kopieren Sie in Metas Dashboard das App-Geheimnis unter App-Einstellungen > Allgemeines und speichern Sie es mit evertoken setup als meta_app_secret.",
        },
        ErrorPage::FacebookNotSetUp => Explanation {
            title: "Die Anmeldung mit Facebook ist nicht eingerichtet",
            cause: "Dieser Dienst kann die Anmeldung mit Facebook noch nicht verwenden.",
            remedy: CONTACT_OPERATOR,
            operator: "Speichern Sie meta_app_id und meta_app_secret mit evertoken setup. Beide stehen in Metas Dashboard unter App-Einstellungen > Allgemeines.",
        },
        ErrorPage::InsufficientRole => Explanation {
            title: "Dieses Konto wurde auf Instagram nicht eingeladen",
            cause: "Instagram lässt für diesen Dienst nur eingeladene Konten zu.",
            remedy: "Bitten Sie den Betreiber dieses Dienstes, Ihr Konto einzuladen. Nehmen Sie die Einladung auf Instagram unter [Apps und Websites](https://www.instagram.com/accounts/manage_access/) an und starten Sie die Anmeldung neu. Prüfen Sie auch, mit welchem Konto Ihr Browser angemeldet ist.",
            operator: "Fügen Sie das Konto im Dashboard von Meta unter App roles > Roles > Instagram Testers hinzu und bitten Sie den Kontoinhaber, die Einladung unter https://www.instagram.com/accounts/manage_access/ anzunehmen. Oder reichen Sie die App zum App Review ein. Die Meldung von Instagram lautet \"Insufficient developer role\".",
        },
        ErrorPage::AppCredentials => Explanation {
            title: "Dieser Dienst ist nicht richtig eingerichtet",
            cause: "Instagram hat eine Einstellung dieses Dienstes nicht akzeptiert. Es wurde nichts gespeichert.",
            remedy: CONTACT_OPERATOR,
            operator: "Kopieren Sie im Dashboard von Meta die Instagram app ID und das Instagram app secret aus Instagram > API setup with Instagram login > Business login settings. Unter App settings > Basic steht ein anderes Paar, das Instagram ablehnt (\"Invalid platform app\") und das nur die Anmeldung über Facebook verwendet (meta_app_id und meta_app_secret). Achten Sie auf Leerzeichen vor und nach dem Secret.",
        },
        ErrorPage::RedirectMismatch => Explanation {
            title: "Instagram kennt diesen Dienst noch nicht",
            cause: "Bei Instagram fehlt eine Einstellung, deshalb konnte die Anmeldung nicht fortgesetzt werden. Es wurde nichts gespeichert.",
            remedy: CONTACT_OPERATOR,
            operator: "Tragen Sie im Dashboard von Meta die vollständige Adresse von /callback unter Business login settings > OAuth redirect URIs ein, für die Anmeldung über Facebook unter Facebook Login for Business > Settings > Valid OAuth Redirect URIs. Sie muss genau übereinstimmen: https, Host und kein Schrägstrich am Ende. Das Dashboard hängt beim Speichern manchmal einen an, prüfen Sie also den gespeicherten Wert. Stimmt sie überein, vergleichen Sie die Scopes: Sind in den Business login settings mehr Scopes eingetragen, als dieser Dienst anfordert, meldet Instagram mitunter denselben Fehler. Fordern Sie dieselben Scopes an (Parameter Scopes).",
        },
        ErrorPage::InvalidScope => Explanation {
            title: "Dieser Dienst fordert eine unbekannte Berechtigung an",
            cause: "Instagram kennt eine der Berechtigungen nicht, um die dieser Dienst bittet. Es wurde nichts gespeichert.",
            remedy: CONTACT_OPERATOR,
            operator: "EVERTOKEN_SCOPES akzeptiert Berechtigungen, die mit instagram_business_ beginnen. Instagram hat user_profile und user_media im Dezember 2024 abgeschafft, business_basic und ähnliche Namen im Januar 2025.",
        },
        ErrorPage::CapabilityMissing => Explanation {
            title: "Instagram erlaubt diesen Vorgang noch nicht",
            cause: "Bei Instagram fehlt eine Einstellung. Es wurde nichts gespeichert.",
            remedy: CONTACT_OPERATOR,
            operator: "Fügen Sie der App im Dashboard von Meta das Produkt Instagram und dessen Berechtigungen hinzu, für die Anmeldung über Facebook das Produkt Facebook Login for Business.",
        },
        ErrorPage::RequestRefused => Explanation {
            title: "Instagram hat die Anmeldung nicht angenommen",
            cause: "Die Anmeldung konnte nicht abgeschlossen werden. Es wurde nichts gespeichert.",
            remedy: CONTACT_OPERATOR,
            operator: "Prüfen Sie EVERTOKEN_GRAPH_VERSION, denn eine abgeschaltete Version der Graph API führt zu diesem Fehler. Ist die Version aktuell, melden Sie das Problem mit dem Code und der Trace-ID aus dem Protokoll.",
        },
        ErrorPage::InstagramUnavailable => Explanation {
            title: "Instagram ist derzeit nicht erreichbar",
            cause: "Instagram hat nicht geantwortet oder einen vorübergehenden Fehler gemeldet. Es wurde nichts gespeichert.",
            remedy: TRY_LATER,
            operator: "Prüfen Sie auf metastatus.com, ob eine Störung vorliegt. Schritt und Fehler stehen im Protokoll.",
        },
        ErrorPage::InstagramUnclear => Explanation {
            title: "Unerwartete Antwort von Instagram",
            cause: "Der Dienst konnte die Antwort von Instagram nicht verarbeiten. Es wurde nichts gespeichert.",
            remedy: TRY_LATER,
            operator: "Schritt, Code und Trace-ID stehen im Protokoll. Besteht das Problem weiterhin, melden Sie es dem Evertoken-Projekt.",
        },
        ErrorPage::Throttled => Explanation {
            title: "Zu viele Anfragen an Instagram",
            cause: "Instagram nimmt derzeit keine weiteren Anmeldungen an. Es wurde nichts gespeichert.",
            remedy: "Warten Sie eine Stunde und starten Sie die Anmeldung dann neu.",
            operator: "Die App hat ihr Anfragelimit erreicht (Code 4, 17, 32, 613 oder 800xx). Das Dashboard von Meta zeigt die Auslastung. Weitere Versuche verlängern die Wartezeit.",
        },
        ErrorPage::PolicyBlock => Explanation {
            title: "Vorübergehend von Instagram gesperrt",
            cause: "Instagram hat diesen Dienst oder Ihr Konto vorübergehend gesperrt. Es wurde nichts gespeichert.",
            remedy: "Sehen Sie in der Instagram-App nach, ob es eine Nachricht für Sie gibt, und starten Sie die Anmeldung später neu.",
            operator: "Prüfen Sie die Hinweise zur App im Dashboard von Meta.",
        },
        ErrorPage::ActionBlocked => Explanation {
            title: "Instagram hat dieses Konto eingeschränkt",
            cause: "Instagram hat Aktionen dieses Kontos gesperrt.",
            remedy: "Öffnen Sie Instagram und folgen Sie den Anweisungen dort. Starten Sie die Anmeldung danach neu.",
            operator: "Bitten Sie den Kontoinhaber, Instagram zu öffnen und den Anweisungen dort zu folgen.",
        },
        ErrorPage::Checkpoint => Explanation {
            title: "Instagram benötigt Ihre Bestätigung",
            cause: "Instagram verlangt eine Sicherheitsprüfung auf seiner Website, bevor dieses Konto verwendet werden kann.",
            remedy: "Öffnen Sie [Instagram](https://www.instagram.com/) in einem Browser und folgen Sie den Anweisungen. Starten Sie die Anmeldung danach neu.",
            operator: "Bitten Sie den Kontoinhaber, sich auf https://www.instagram.com/ anzumelden und den Anweisungen dort zu folgen.",
        },
        ErrorPage::Unconfirmed => Explanation {
            title: "Dieses Instagram-Konto ist nicht bestätigt",
            cause: "Die E-Mail-Adresse oder Telefonnummer dieses Kontos wurde nicht bestätigt.",
            remedy: "Bestätigen Sie sie in der Instagram-App. Starten Sie die Anmeldung danach neu.",
            operator: "Bitten Sie den Kontoinhaber, sie bei Instagram zu bestätigen.",
        },
        ErrorPage::AppRemoved => Explanation {
            title: "Die Erlaubnis wurde während der Anmeldung entzogen",
            cause: "Die Verbindung wurde in diesem Konto entfernt, oder Instagram hat sie entzogen. Es wurde nichts gespeichert.",
            remedy: "Starten Sie die Anmeldung neu und erlauben Sie den Zugriff.",
            operator: CONNECT_AGAIN,
        },
        ErrorPage::PasswordChanged => Explanation {
            title: "Instagram hat Ihre Sitzung beendet",
            cause: "Das Passwort wurde geändert, oder Instagram hat die Sitzung aus Sicherheitsgründen beendet.",
            remedy: "Melden Sie sich bei Instagram neu an. Starten Sie die Anmeldung hier danach neu.",
            operator: CONNECT_AGAIN,
        },
        ErrorPage::TokenRefused => Explanation {
            title: "Der Verbindungstest ist fehlgeschlagen",
            cause: "Instagram hat den Zugriff erlaubt, ihn beim Test durch diesen Dienst aber abgelehnt. Es wurde nichts gespeichert.",
            remedy: TRY_LATER,
            operator: "Code 190. Besteht das Problem weiterhin, stellen Sie sicher, dass EVERTOKEN_GRAPH_URL und EVERTOKEN_FACEBOOK_GRAPH_URL nicht gesetzt sind, außer beim Testen mit der Sandbox.",
        },
        ErrorPage::PermissionMissing => Explanation {
            title: "Eine Berechtigung wurde nicht erteilt",
            cause: "Eine erforderliche Berechtigung wurde nicht erteilt oder widerrufen.",
            remedy: "Starten Sie die Anmeldung neu und lassen Sie alle Berechtigungen ausgewählt.",
            operator: "Bitten Sie den Kontoinhaber, das Konto erneut zu verbinden und dabei alle Berechtigungen ausgewählt zu lassen. Möglicherweise setzt die Berechtigung auch Advanced Access voraus.",
        },
        ErrorPage::VaultUnavailable => Explanation {
            title: "Das Konto konnte nicht gespeichert werden",
            cause: "Der Speicher dieses Dienstes hat nicht geantwortet.",
            remedy: TRY_LATER,
            operator: "Der Fehlercode des Speichers steht im Protokoll.",
        },
        ErrorPage::VaultDenied => Explanation {
            title: "Dieser Dienst darf das Konto nicht speichern",
            cause: "Der Zugriff auf den Speicher dieses Dienstes wurde verweigert.",
            remedy: CONTACT_OPERATOR,
            operator: "Vergleichen Sie die Rolle der Funktion mit der Vorlage. Prüfen Sie die Schlüsselrichtlinie, falls Sie einen eigenen KMS-Schlüssel verwenden. Der AWS-Fehlercode steht im Protokoll.",
        },
        ErrorPage::VaultUnreadable => Explanation {
            title: "Das Konto konnte hier nicht gespeichert werden",
            cause: "An dieser Stelle bewahrt der Dienst bereits etwas anderes auf. Er hat es nicht verändert.",
            remedy: CONTACT_OPERATOR,
            operator: "Das Secret mit diesem Namen ist kein Kontodokument oder wurde von einer neueren Evertoken-Version geschrieben. Verschieben Sie das Secret oder wählen Sie einen anderen Kontonamen.",
        },
        ErrorPage::AppNotSetUp => Explanation {
            title: "Dieser Dienst ist noch nicht eingerichtet",
            cause: "Der Betreiber hat die Einrichtung noch nicht abgeschlossen.",
            remedy: CONTACT_OPERATOR,
            operator: "Füllen Sie das App-Secret aus: {\"app_id\":\"...\",\"app_secret\":\"...\",\"previous_app_secrets\":[]}. Das Protokoll nennt das Secret und den Fehler darin.",
        },
        ErrorPage::CredentialsUnavailable => Explanation {
            title: "Die Anmeldung ist derzeit nicht möglich",
            cause: "Der Dienst konnte seine eigenen Einstellungen nicht lesen.",
            remedy: TRY_LATER,
            operator: "Das Protokoll nennt das Secret und den AWS-Fehlercode.",
        },
        ErrorPage::Internal => Explanation {
            title: "Etwas ist schiefgelaufen",
            cause: "In diesem Dienst ist ein interner Fehler aufgetreten.",
            remedy: TRY_LATER,
            operator: "Das Betriebssystem hat keine Zufallszahlen geliefert. Besteht das Problem weiterhin, starten Sie den Dienst neu.",
        },
        ErrorPage::ReceiptInvalid => Explanation {
            title: "Hier gibt es nichts anzuzeigen",
            cause: "Diese Seite zeigt das Ergebnis einer Anmeldung eine Stunde lang.",
            remedy: "Sie müssen nichts tun. Verbundene Konten bleiben verbunden.",
            operator: "evertoken list zeigt die verbundenen Konten.",
        },
        ErrorPage::RevealRefused => Explanation {
            title: "Das kann nicht mehr angezeigt werden",
            cause: "Der Text zum Kopieren wird in dem Browser angezeigt, in dem das Konto verbunden wurde, zehn Minuten lang nach der Anmeldung.",
            remedy: "Wenn Sie ihn noch benötigen, bitten Sie die Person, von der Sie den Link haben, um einen neuen.",
            operator: "Erstellen Sie mit evertoken invite --reveal eine weitere Einladung, oder geben Sie das Token selbst weiter: evertoken token gibt es aus.",
        },
        ErrorPage::RevealUsed => Explanation {
            title: "Das wurde bereits angezeigt",
            cause: "Der Text zum Kopieren wird einmal angezeigt. Neuladen zeigt ihn nicht noch einmal an.",
            remedy: "Wenn Sie ihn nicht kopieren konnten, bitten Sie die Person, von der Sie den Link haben, um einen neuen.",
            operator: "Erstellen Sie mit evertoken invite --reveal eine weitere Einladung. Hat der Kontoinhaber das Token nicht gesehen, dann hat es jemand anderes gesehen: Bitten Sie ihn, die App auf Instagram zu entfernen und das Konto erneut zu verbinden.",
        },
        ErrorPage::SignedRequestMalformed => Explanation {
            title: "Diese Anfrage ist unvollständig",
            cause: "Ein Teil der Anfrage fehlt. Es wurde nichts geändert.",
            remedy: CLOSE_PAGE,
            operator: "Meta sendet dieses Feld. Prüfen Sie im Dashboard von Meta die Deauthorize Callback URL und die Data Deletion Request URL.",
        },
        ErrorPage::SignedRequestForged => Explanation {
            title: "Diese Anfrage stammt nicht von Instagram",
            cause: "Sie konnte nicht überprüft werden. Es wurde nichts geändert.",
            remedy: CLOSE_PAGE,
            operator: "Stammt die Anfrage von Meta, nehmen Sie das andere oder das bisherige Secret der App in previous_app_secrets auf.",
        },
        ErrorPage::SignedRequestOutdated => Explanation {
            title: "Diese Anfrage ist überholt",
            cause: "Sie wurde gestellt, bevor das Konto zuletzt verbunden wurde. Es wurde nichts geändert.",
            remedy: CLOSE_PAGE,
            operator: "Um die jetzige Verbindung zu entfernen, entfernt der Inhaber des Kontos die App erneut auf Instagram.",
        },
        ErrorPage::BodyTooLarge => Explanation {
            title: "Die Anfrage ist zu groß",
            cause: "Sie ist größer als jede Anfrage, die Instagram sendet. Es wurde nichts geändert.",
            remedy: CLOSE_PAGE,
            operator: "Anfragen von Meta sind viel kleiner. Diese stammt also vermutlich nicht von Meta.",
        },
        ErrorPage::DeletionUnknown => Explanation {
            title: "Unbekannter Bestätigungscode",
            cause: "Der Code ist unvollständig, wurde verändert oder gehört zu einem anderen Dienst.",
            remedy: "Öffnen Sie noch einmal die vollständige Adresse, wie Instagram sie anzeigt.",
            operator: "Bestätigungscodes sind signiert. Ein Code wird nicht mehr erkannt, sobald sein Schlüssel aus dem Signatur-Secret entfernt wurde.",
        },
        ErrorPage::NotFound => Explanation {
            title: "Seite nicht gefunden",
            cause: "Unter dieser Adresse gibt es keine Seite.",
            remedy: "Öffnen Sie noch einmal den Link, den Sie erhalten haben.",
            operator: "Prüfen Sie den verschickten Link. Einladungslinks beginnen mit der Adresse in EVERTOKEN_PUBLIC_URL.",
        },
        ErrorPage::WrongMethod => Explanation {
            title: "Diese Seite lässt sich so nicht aufrufen",
            cause: "Die Adresse unterstützt diese Art von Anfrage nicht.",
            remedy: "Öffnen Sie noch einmal den Link, den Sie erhalten haben.",
            operator: "Seiten werden mit GET aufgerufen. Meta ruft /deauthorize und /data-deletion mit POST auf.",
        },
    }
}
