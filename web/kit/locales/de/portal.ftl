## Frame
portal-navigation = Hauptnavigation
portal-menu = Menü
portal-account = Konto
portal-overview = Übersicht
portal-devices = Geräte
portal-people = Personen
portal-groups = Gruppen
portal-invitations = Einladungen
portal-refusals = Abgewiesene Anfragen
portal-audit = Protokoll
portal-administrators = Administratoren
portal-version = Cordon { $version }
portal-licences = Lizenzen enthaltener Software
portal-not-found = Nicht gefunden
portal-not-found-title = Unter dieser Adresse ist nichts
portal-not-found-text = Was hier war, wurde vielleicht entfernt, oder der Link ist unvollständig.

## Keyboard and palette
portal-key-mod = Strg
portal-palette-open = Suchen oder öffnen
portal-palette-short = Suchen
portal-palette-hint = Geräte, Personen und Seiten suchen
portal-palette-places = Seiten
portal-palette-actions = Aktionen
portal-palette-nothing = Nichts passt. Versuchen Sie einen Namen, eine Adresse oder ein Modell.
portal-shortcuts = Tastenkürzel
portal-shortcuts-general = Überall
portal-shortcuts-go = Gehe zu
portal-shortcut-search = Diese Liste durchsuchen
portal-shortcut-rows = Nächste und vorige Zeile

## Sign-in
portal-sign-in = Anmelden
portal-sign-in-title = Bei Cordon anmelden
portal-sign-out = Abmelden
portal-administrator = Administrator
portal-password = Passwort
portal-name-needed = Geben Sie Ihren Namen ein.
portal-password-needed = Geben Sie Ihr Passwort ein.
portal-password-change = Passwort ändern
portal-password-current = Aktuelles Passwort
portal-password-new = Neues Passwort
portal-password-again = Neues Passwort noch einmal
portal-password-help = Mindestens 12 Zeichen, zum Beispiel vier Wörter.
portal-password-differs = Die beiden Passwörter unterscheiden sich.
portal-password-signs-out = Sie werden überall abgemeldet und melden sich mit dem neuen Passwort wieder an.
portal-password-changed = Das Passwort ist geändert. Melden Sie sich mit dem neuen an.
portal-session-ended = Ihre Sitzung ist beendet. Melden Sie sich erneut an, um fortzufahren.
portal-locked-out = Zu viele falsche Passwörter
portal-locked-out-text = Zum Schutz ist der nächste Versuch erst nach Ablauf dieser Zeit möglich.

## Words used in many places
portal-device = Gerät
portal-person = Person
portal-group = Gruppe
portal-owner = Besitzer
portal-name = Name
portal-state = Zustand
portal-system = System
portal-model = Modell
portal-address = E-Mail-Adresse
portal-addresses = E-Mail-Adressen
portal-login = Anmeldename
portal-certificate = Zertifikat
portal-last-seen = Zuletzt gesehen
portal-never = nie
portal-time = Zeit
portal-id = Kennung
portal-actions = Aktionen
portal-edit = Bearbeiten
portal-rename = Umbenennen
portal-more = Weitere Aktionen
portal-remove = Entfernen
portal-remove-ask = „{ $name }“ entfernen?
portal-save = Speichern
portal-discard = Verwerfen
portal-done = Fertig
portal-facts = Angaben
portal-history = Verlauf
portal-history-more = { NUMBER($count) } weitere anzeigen
portal-field-needed = Dieses Feld wird benötigt.
portal-from-until = { $from } bis { $until }
portal-search-clear = Suche leeren
portal-filter-state = Nach Zustand filtern
portal-filter-all = Alle
portal-filter-clear = Filter zurücksetzen
portal-filter-group = Gruppe: { $group }
portal-none-found-text = Ändern Sie die Suche oder die Filter, oder setzen Sie sie zurück.
portal-unit-seconds = Sekunden
portal-unit-minutes = Minuten
portal-unit-hours = Stunden
portal-unit-characters = Zeichen
portal-unit-of = Einheit von „{ $field }“

## States
portal-state-registered = In Betrieb
portal-state-blocked = Gesperrt
portal-state-wiped = Gelöscht
portal-state-invited = Eingeladen
portal-state-retired = Ausgemustert
portal-standing-open = Offen
portal-standing-used = Angenommen
portal-standing-expired = Abgelaufen
portal-standing-closed = Geschlossen
portal-standing-revoked = Zurückgezogen

## Overview
portal-figure-licence = Geräte in Betrieb
portal-figure-licence-left =
    { $count ->
        [0] Keine Lizenz frei
        [one] 1 Lizenz frei
       *[other] { NUMBER($count) } Lizenzen frei
    }
portal-figure-blocked = Gesperrte Geräte
portal-figure-invitations = Einladungen
portal-figure-refusals = Abgewiesen (1 h)
portal-recent = Letzte Ereignisse
portal-by-state = Geräte nach Zustand
portal-first = Ihr erstes Gerät
portal-first-text = Fünf Schritte, bis die erste Person ihre E-Mail in der App liest.
portal-first-done = Erledigt
portal-first-group = Eine Gruppe einrichten
portal-first-group-text = Ihre Einstellungen bestimmen, wie sich die App für alle darin verhält.
portal-first-group-action = Gruppen öffnen
portal-first-person = Eine Person hinzufügen
portal-first-person-text = Mit dem Anmeldenamen und den Adressen, die der Mailserver kennt.
portal-first-person-action = Person hinzufügen
portal-first-certificate = Ein Zertifikat hinterlegen
portal-first-certificate-text = Die App weist nach, dass sie den Schlüssel hat. Öffnen Sie die Person und legen Sie die Datei ab.
portal-first-certificate-action = Personen öffnen
portal-first-invite = Eine Einladung senden
portal-first-invite-text = Als Link oder QR-Code für das Gerät der Person.
portal-first-invite-action = Einladen
portal-first-device = Auf das Gerät warten
portal-first-device-text = Es erscheint unter Geräte, sobald es registriert ist.

## Devices
portal-devices-search = Geräte suchen
portal-devices-empty = Noch keine Geräte
portal-devices-empty-text = Geräte erscheinen hier, sobald eine Person eine Einladung in der App angenommen hat.
portal-devices-none-found = Kein Gerät passt
portal-device-unknown = unbekanntes Gerät
portal-device-add = Gerät ohne App hinzufügen
portal-device-add-do = Gerät hinzufügen
portal-device-add-text = Für ein anderes Mailprogramm, das ActiveSync spricht. Es lässt sich sperren, aber nicht löschen.
portal-device-added = { $name } wurde hinzugefügt.
portal-device-rename = Gerät umbenennen
portal-device-renamed = Das Gerät wurde umbenannt.
portal-client = Mailprogramm
portal-client-app = Cordon-App
portal-client-native = Anderes Mailprogramm, ohne die App
portal-registered-at = Registriert
portal-eas-id = ActiveSync-Kennung
portal-eas-id-help = Wie das Gerät sie im E-Mail-Konto anzeigt, und in der Liste abgewiesener Anfragen, nachdem es sich verbinden wollte.
portal-certificate-until = Zertifikat gültig bis
portal-certificate-serial = Seriennummer
portal-certificate-fingerprint = Fingerabdruck (SHA-256)
portal-blocked-title = Gesperrt { $when }
portal-invited-title = Wartet auf die Registrierung
portal-invited-text = Der Besitzer hat eine Einladung, die noch nicht angenommen wurde.
portal-retired-title = Außer Betrieb seit { $when }
portal-retired-text = Das Gerät belegt keine Lizenz. Um es wieder zu nutzen, braucht der Besitzer eine neue Einladung.
portal-wipe-title-key = Der Schlüssel wird gelöscht
portal-wipe-title-data = Alle Daten werden gelöscht
portal-wipe-waiting = Angeordnet: { $when }. Das Gerät folgt, sobald es erreichbar ist; bis dahin bekommt es keine E-Mail.
portal-wipe-confirmed = Das Gerät hat die Löschung bestätigt: { $when }.

portal-danger = Gefahrenbereich
portal-block = Sperren
portal-block-title = Dieses Gerät sperren
portal-block-text = Es bekommt binnen einer Sekunde keine E-Mail mehr, bis es entsperrt wird. Die Daten bleiben.
portal-block-ask = „{ $device }“ sperren?
portal-blocked = Das Gerät ist gesperrt.
portal-reason = Grund
portal-reason-help = Wird dem Besitzer in der App gezeigt und im Protokoll festgehalten.
portal-reason-needed = Geben Sie einen Grund an.
portal-unblock = Entsperren
portal-unblocked = Das Gerät ist entsperrt.
portal-state-owner-blocked = Person gesperrt
portal-owner-blocked-title = Gesperrt über { $person }, { $when }
portal-owner-blocked-link = Zur Person
portal-wipe = Löschen …
portal-wipe-title = Dieses Gerät löschen
portal-wipe-text = Vernichtet den Schlüssel oder alle Firmendaten darauf. Das lässt sich nicht zurücknehmen.
portal-wipe-ask = „{ $device }“ löschen?
portal-wipe-scope = Der Auftrag geht an ein Gerät von { $owner } und lässt sich nicht zurücknehmen.
portal-wipe-what = Was vernichtet wird
portal-wipe-key = Der Schlüssel
portal-wipe-key-text = Die Daten bleiben unlesbar auf dem Gerät. Die Person kann das Zertifikat erneut einlesen und sich neu registrieren.
portal-wipe-data = Alle Daten
portal-wipe-data-text = E-Mail, Anhänge und Schlüssel werden vom Gerät entfernt.
portal-wipe-confirm = Zur Bestätigung „{ $device }“ eingeben
portal-wipe-button-key = Schlüssel löschen
portal-wipe-button-data = Alle Daten löschen
portal-wipe-ordered = Die Löschung ist angeordnet.
portal-retire = Ausmustern
portal-retire-title = Dieses Gerät ausmustern
portal-retire-text = Nimmt es endgültig außer Betrieb und gibt seine Lizenz frei.
portal-retire-ask = „{ $device }“ ausmustern?
portal-retire-unwiped = Die Daten in der App werden dadurch nicht entfernt. Löschen Sie das Gerät zuerst, wenn es verloren ist oder das Unternehmen verlässt.
portal-retire-final = Ein ausgemustertes Gerät lässt sich nicht wieder in Betrieb nehmen; es muss neu registriert werden.
portal-retired = Das Gerät ist ausgemustert.
portal-retire-give-up = Löschung aufgeben und ausmustern
portal-retire-give-up-title = Die Löschung ist nicht bestätigt
portal-retire-give-up-text = Ausgemustert kann das Gerät die Anordnung nie mehr erhalten, auch wenn es wieder auftaucht. Tun Sie das nur, wenn es zerstört ist oder seine Daten darauf bleiben dürfen. Bis dahin belegt es keine Lizenz und bekommt keine E-Mail.

## People
portal-people-search = Nach Name oder Adresse suchen
portal-people-empty = Noch keine Personen
portal-people-empty-text = Fügen Sie die Personen hinzu, die ihre E-Mail in der App lesen dürfen. Jede bekommt eine Einladung für ein Gerät.
portal-people-none-found = Niemand passt
portal-person-add = Person hinzufügen
portal-person-added = { $name } wurde hinzugefügt.
portal-person-edit = Person bearbeiten
portal-person-changed = Die Person wurde geändert.
portal-person-needed = Wählen Sie eine Person.
portal-person-remove = Person entfernen
portal-person-remove-text = Ausgemusterte Geräte verschwinden mit. Geräte in Betrieb und offene Einladungen müssen zuvor beendet werden.
portal-person-removed = Die Person wurde entfernt.
portal-person-block = Person sperren
portal-person-block-text = Keines ihrer Geräte bekommt mehr E-Mail, binnen einer Sekunde, und sie erhält keine Einladungen. Die Daten bleiben.
portal-person-blocked = Die Person ist gesperrt.
portal-person-unblocked = Die Person ist entsperrt.
portal-person-blocked-title = Gesperrt { $when } von { $by }
portal-person-blocked-text = Alle Geräte dieser Person werden abgewiesen. Nach dem Entsperren hat jedes wieder seinen eigenen Zustand, ohne neue Registrierung.
portal-person-devices-empty = Keine Geräte
portal-person-devices-empty-text = Senden Sie eine Einladung, dann erscheint das Gerät hier.
portal-login-help = Damit meldet sich die Person am Mailserver an.
portal-addresses-help = Eine je Zeile, die Absenderadresse zuerst.
portal-group-help = Bestimmt die Einstellungen der App.
portal-certificate-none = Keines
portal-certificate-valid = Gültig
portal-certificate-expired = Abgelaufen
portal-certificate-ends = Endet { $when }
portal-certificate-subject = Ausgestellt für
portal-certificate-validity = Gültig
portal-certificate-download = Zertifikat herunterladen
portal-certificate-deposit = Zertifikat hinterlegen
portal-certificate-replace = Zertifikat ersetzen
portal-certificate-deposited = Das Zertifikat ist hinterlegt.
portal-certificate-help = PEM oder DER, ohne den privaten Schlüssel. Es muss eine der Adressen der Person nennen.
portal-certificate-why = Die Registrierung eines Geräts wird für dieses Zertifikat verschlüsselt. Ohne Zertifikat kann sich die Person nicht registrieren.

## Groups and settings
portal-groups-lead = Eine Gruppe enthält die Einstellungen der App für ihre Personen.
portal-groups-empty = Noch keine Gruppen
portal-groups-empty-text = Eine Gruppe enthält die Einstellungen der App. Jede Person gehört zu einer.
portal-group-add = Gruppe hinzufügen
portal-group-added = { $name } wurde hinzugefügt.
portal-group-rename = Gruppe umbenennen
portal-group-renamed = Die Gruppe wurde umbenannt.
portal-group-remove = Gruppe entfernen
portal-group-remove-text = Nur eine Gruppe ohne Personen kann entfernt werden. Ihre Einstellungen gehen verloren.
portal-group-removed = Die Gruppe wurde entfernt.
portal-group-name-help = Sie beginnt mit sinnvollen Einstellungen, die Sie danach ändern können.
portal-group-people =
    { $count ->
        [one] 1 Person
       *[other] { NUMBER($count) } Personen
    }
portal-revision = Revision
portal-settings-changed = Einstellungen geändert
portal-settings-revision = Revision { NUMBER($revision) } der Einstellungen, geändert: { $when }
portal-settings-saved = Als Revision { NUMBER($revision) } gespeichert. Geräte holen sie sofort.
portal-settings-unsaved = Die Änderungen sind noch nicht gespeichert.
portal-settings-all-saved = Alles ist gespeichert.
portal-settings-invalid =
    { $count ->
        [one] Eine Einstellung kann nicht in Kraft treten. Sie ist unten markiert.
       *[other] { NUMBER($count) } Einstellungen können nicht in Kraft treten. Sie sind unten markiert.
    }
portal-settings-conflict = Jemand anderes hat diese Einstellungen geändert
portal-settings-conflict-text = Ihre Änderungen wurden nicht gespeichert, damit die anderen nicht verloren gehen. Laden Sie die aktuellen Einstellungen und nehmen Sie Ihre Änderungen erneut vor.
portal-settings-reload = Aktuelle Einstellungen laden
portal-settings-mail = E-Mail
portal-settings-mail-text = Woher E-Mail kommt und wie viel davon auf dem Gerät bleibt.
portal-setting-server = Mail-Gateway
portal-setting-server-help = Name des Gateways, wie Geräte es erreichen, mit Port, wenn es nicht 443 ist.
portal-setting-days = E-Mail auf dem Gerät
portal-setting-days-help = Ältere E-Mail bleibt auf dem Server.
portal-setting-days-all = Alle E-Mail
portal-setting-days-count =
    { $count ->
        [one] Der letzte Tag
       *[other] Die letzten { NUMBER($count) } Tage
    }
portal-setting-version = Neueste Protokollversion
portal-setting-version-help = Für Mailserver, die mit einem neueren ActiveSync nicht zurechtkommen.
portal-setting-version-any = Die neueste beider Seiten
portal-setting-sign-in = Anmeldung
portal-setting-sign-in-help = Wie sich Personen am Mailserver anmelden.
portal-setting-sign-in-password = Passwort des Postfachs
portal-setting-sign-in-oauth = Im Browser
portal-setting-issuer = Identitätsanbieter
portal-setting-issuer-help = Seine Adresse, beginnend mit https://. Leer, wenn der Mailserver ihn nennt.
portal-setting-client-id = Client-ID
portal-setting-client-id-help = Der Name, unter dem der Identitätsanbieter die App kennt, als native App mit der Adresse http://127.0.0.1/signed-in.
portal-setting-scopes = Scopes
portal-setting-scopes-help = Was vom Identitätsanbieter verlangt wird, mit Leerzeichen dazwischen. Ohne offline_access melden sich Personen oft an.
portal-settings-container = Container
portal-settings-container-text = Wie der verschlüsselte Speicher auf dem Gerät geschützt ist.
portal-setting-lock = Sperren nach
portal-setting-lock-help = Zeit ohne Nutzung, bis sich die App sperrt: 30 Sekunden bis 24 Stunden.
portal-setting-wrong = Falsche Passwörter
portal-setting-wrong-help = Nach so vielen in Folge wird der Schlüssel vernichtet: 3 bis 20.
portal-setting-password = Passwortregeln
portal-setting-password-help = Sie gelten für Passwörter, die danach gewählt werden.
portal-setting-length = Mindestlänge
portal-setting-digit = Mindestens eine Ziffer
portal-setting-case = Groß- und Kleinbuchstaben
portal-setting-symbol = Mindestens ein Sonderzeichen
portal-settings-viewing = Anzeige
portal-settings-viewing-text = Was die App von einer Nachricht zeigt und lädt.
portal-setting-images = Bilder aus dem Internet
portal-setting-images-help = Sie verraten dem Absender, dass und wo eine Nachricht geöffnet wurde.
portal-setting-images-never = Nie laden
portal-setting-images-ask = Jedes Mal fragen
portal-setting-attachment = Größter Anhang
portal-setting-attachment-help = Größere werden nicht auf das Gerät geladen: 1 bis 1024 MiB.
portal-settings-status = Kontakt
portal-settings-status-text = Wie oft sich ein Gerät meldet, wenn sonst nichts geschieht.
portal-setting-interval = Meldung alle
portal-setting-interval-help = Sperren und Löschungen erreichen eine offene App sofort, was auch immer hier steht: 1 Minute bis 24 Stunden.
portal-violation-range = Wählen Sie einen Wert von { $from } bis { $to }.
portal-violation-server = Geben Sie einen Hostnamen oder eine Adresse ein, wenn nötig mit Port: mail.example.com:8443
portal-violation-issuer = Mit https:// beginnen, ohne ? und #. Leer lassen, wenn der Mailserver den Anbieter nennt.
portal-violation-client-id = Den Namen angeben, unter dem der Identitätsanbieter die App kennt.
portal-violation-client-id-form = Höchstens 256 Zeichen, ohne Umlaute und andere besondere Buchstaben.
portal-violation-scopes = Scopes mit Leerzeichen dazwischen, ohne Anführungszeichen: openid offline_access

## Invitations
portal-invitations-lead = Mit einer Einladung registriert eine Person ein Gerät.
portal-invitations-empty = Keine offenen Einladungen
portal-invitations-never = Noch keine Einladungen
portal-invitations-empty-text = Laden Sie eine Person ein und geben Sie ihr den Link oder den QR-Code.
portal-invitations-all = Alle anzeigen
portal-invite = Einladen
portal-invite-person = { $person } einladen
portal-invite-text = Für ein Gerät. Die Person öffnet den Link oder scannt den Code mit der App.
portal-invite-make = Einladung erstellen
portal-invite-device = Name des Geräts
portal-invite-device-help = Ohne Angabe der Name der Person.
portal-invite-no-certificate = Für diese Person ist noch kein Zertifikat hinterlegt; ohne eines schlägt die Registrierung fehl.
portal-invite-will-fail = So wird die Registrierung abgewiesen
portal-valid = Gültig für
portal-valid-help = Danach führt der Link ins Leere.
portal-valid-hours =
    { $count ->
        [one] 1 Stunde
       *[other] { NUMBER($count) } Stunden
    }
portal-valid-days =
    { $count ->
        [one] 1 Tag
       *[other] { NUMBER($count) } Tage
    }
portal-invitation-ready = Einladung für { $person }
portal-invitation-qr = QR-Code des Einladungslinks
portal-invitation-step-app = Die Cordon-App auf dem Gerät starten.
portal-invitation-step-scan = Diesen Code scannen oder den Link einfügen.
portal-invitation-step-certificate = Die Zertifikatsdatei (.p12) und ein neues Passwort wählen.
portal-invitation-copy = Link kopieren
portal-invitation-once = Der Link wird nur dieses eine Mal gezeigt und gilt bis { $when }. Geben Sie ihn nur der Person selbst.
portal-invitation-revoked = Die Einladung ist zurückgezogen.
portal-invited-by = Eingeladen von
portal-expires = Läuft ab
portal-revoke = Zurückziehen
portal-revoke-ask = Einladung zurückziehen?
portal-revoke-text = Der Link für { $person } wird sofort ungültig.

## Gateway
portal-refusals-lead = Anfragen, die den Mailserver nicht erreicht haben, mit der Regel und dem Umstand, der entschied. Neueste zuerst, aus dem Arbeitsspeicher.
portal-refusals-empty = Nichts wurde abgewiesen
portal-refusals-empty-text = Anfragen unbekannter, gesperrter oder fremder Geräte erscheinen hier, sobald sie abgewiesen werden.
portal-rule = Regel
portal-fact = Umstand
portal-rule-certificate-missing = Das Zertifikat des Geräts wurde nicht gezeigt
portal-rule-certificate-of-another = Das Zertifikat eines anderen Geräts wurde gezeigt
portal-rule-device-blocked = Das Gerät ist gesperrt
portal-rule-device-retired = Das Gerät ist ausgemustert
portal-rule-device-wiped = Für das Gerät ist eine Löschung angeordnet
portal-rule-owner-blocked = Der Besitzer des Geräts ist gesperrt
portal-rule-feed-lost = Das Gateway kennt den aktuellen Stand nicht
portal-rule-malformed-request = Die Anfrage ist nicht lesbar
portal-rule-sign-in-scheme = Die Anmeldeart wird nicht unterstützt
portal-rule-sign-in-unreadable = Die Anmeldung verrät nicht, wer es ist
portal-rule-unknown-device = Das Gerät ist nicht bekannt
portal-rule-user-of-another-device = Das Gerät gehört nicht dieser Person

## Audit log
portal-audit-lead = Wer hat was womit getan, wann, und wie ging es aus. Neueste zuerst.
portal-audit-empty = Noch ist nichts geschehen
portal-audit-none-found = Kein Ereignis passt
portal-audit-any-action = Alle Aktionen
portal-action = Aktion
portal-subject = Gegenstand
portal-actor = Von
portal-outcome = Ergebnis
portal-done-state = Ausgeführt
portal-refused = Abgelehnt
portal-actor-command-line = { $name } (Kommandozeile)
portal-actor-device = Das Gerät
portal-actor-invitation = Inhaber der Einladung
portal-actor-server = Der Server
portal-actor-visitor = Nicht angemeldet
portal-subject-administrator = Administrator
portal-subject-device = Gerät
portal-subject-group = Gruppe
portal-subject-invitation = Einladung
portal-subject-server = Der Server
portal-subject-user = Person
portal-detail-peer = Von
portal-detail-registration = Registrierung
portal-detail-wrong-answers = Falsche Antworten
portal-action-administrator-create = Neuer Administrator
portal-action-administrator-password = Administrator-Passwort
portal-action-administrator-remove = Entfernung eines Administrators
portal-action-administrator-sign-in = Anmeldung
portal-action-administrator-sign-out = Abmeldung
portal-action-device-add = Neues Gerät ohne App
portal-action-device-block = Sperre
portal-action-device-confirm-wipe = Bestätigung der Löschung
portal-action-device-rename = Neuer Gerätename
portal-action-device-retire = Ausmusterung
portal-action-device-unblock = Entsperrung
portal-action-device-wipe = Löschauftrag
portal-action-group-create = Neue Gruppe
portal-action-group-remove = Entfernung einer Gruppe
portal-action-group-rename = Neuer Gruppenname
portal-action-group-settings = Gruppeneinstellungen
portal-action-invitation-create = Einladung
portal-action-invitation-revoke = Rückzug einer Einladung
portal-action-registration-finish = Registrierung
portal-action-registration-start = Beginn einer Registrierung
portal-action-server-initialise = Einrichtung des Servers
portal-action-user-certificate = Hinterlegung eines Zertifikats
portal-action-user-block = Sperrung einer Person
portal-action-user-unblock = Entsperrung einer Person
portal-action-user-change = Änderung einer Person
portal-action-user-create = Neue Person
portal-action-user-remove = Entfernung einer Person

## Problems
portal-problem-address-taken = Eine andere Person hat eine dieser Adressen.
portal-problem-already-blocked = Die Sperre besteht bereits.
portal-problem-already-confirmed = Die Löschung ist bereits bestätigt.
portal-problem-already-ordered = Für das Gerät ist bereits eine Löschung angeordnet.
portal-problem-already-retired = Das Gerät ist bereits ausgemustert.
portal-problem-already-revoked = Die Einladung ist bereits zurückgezogen.
portal-problem-certificate-expired = Dieses Zertifikat ist abgelaufen. Hinterlegen Sie das aktuelle der Person.
portal-problem-certificate-foreign-address = Dieses Zertifikat nennt keine der Adressen der Person. Ergänzen Sie die Adresse bei der Person oder wählen Sie das richtige Zertifikat.
portal-problem-certificate-key-not-rsa = Der Schlüssel des Zertifikats ist kein RSA-Schlüssel. Die App braucht RSA mit mindestens 2048 Bit.
portal-problem-certificate-key-too-short = Der RSA-Schlüssel des Zertifikats ist kürzer als 2048 Bit.
portal-problem-certificate-not-yet-valid = Dieses Zertifikat ist noch nicht gültig.
portal-problem-certificate-unreadable = Das ist kein Zertifikat in PEM oder DER. Exportieren Sie es ohne den privaten Schlüssel.
portal-problem-challenge-expired = Die Antwort kam zu spät.
portal-problem-confirmation-differs = Der eingegebene Name ist nicht der des Geräts.
portal-problem-eas-id-taken = Ein anderes Gerät hat diese Kennung. Mustern Sie es zuerst aus, wenn es dasselbe ist.
portal-problem-has-devices = Diese Person hat Geräte oder offene Einladungen. Mustern Sie die Geräte aus und ziehen Sie die Einladungen zurück.
portal-problem-has-people = In dieser Gruppe sind Personen. Ordnen Sie sie zuerst einer anderen Gruppe zu.
portal-problem-invalid-settings = Einige Einstellungen lassen sich nicht befolgen.
portal-problem-invitation-closed = Die Einladung wurde nach zu vielen falschen Antworten geschlossen. Prüfen Sie das Zertifikat der Person und laden Sie erneut ein.
portal-problem-invitation-expired = Die Einladung ist abgelaufen.
portal-problem-invitation-revoked = Die Einladung wurde zurückgezogen.
portal-problem-invitation-used = Mit dieser Einladung wurde bereits ein Gerät registriert.
portal-problem-last-administrator = Der letzte Administrator lässt sich nicht entfernen.
portal-problem-own-account = Dies ist Ihr eigenes Konto; lassen Sie es einen anderen Administrator entfernen.
portal-problem-password-unchanged = Das neue Passwort ist das alte; wählen Sie ein anderes.
portal-problem-user-blocked = Die Person ist gesperrt und bekommt keine Geräte; entsperren Sie sie zuerst.
portal-problem-user-certificate-expired = Das für die Person hinterlegte Zertifikat ist abgelaufen; hinterlegen Sie zuerst das aktuelle.
portal-problem-user-certificate-missing = Für die Person ist kein Zertifikat hinterlegt; hinterlegen Sie es zuerst.
portal-problem-user-certificate-not-yet-valid = Das für die Person hinterlegte Zertifikat ist noch nicht gültig.
portal-problem-wipe-unconfirmed = Das Gerät hat seine Löschung nicht bestätigt und könnte die Anordnung ausgemustert nicht mehr erhalten.
portal-problem-wrong-current-password = Das aktuelle Passwort ist falsch.
portal-detail-warning = Warnung
portal-detail-wipe-unconfirmed = Unbestätigte Löschung
portal-problem-licence-exhausted = Alle lizenzierten Geräte sind in Betrieb. Mustern Sie eines aus oder erweitern Sie die Lizenz.
portal-problem-locked-out = Zu viele Passwörter waren falsch.
portal-problem-login-taken = Eine andere Person hat diesen Anmeldenamen.
portal-problem-more-ordered = Nur der Schlüssel wurde gelöscht, aber auch die Daten sollten gelöscht werden.
portal-problem-name-taken = Dieser Name ist vergeben.
portal-problem-name-unchanged = Der Name ist bereits so.
portal-problem-no-address = Eine Person braucht mindestens eine E-Mail-Adresse.
portal-problem-not-a-mail-address = Das ist keine E-Mail-Adresse. Schreiben Sie name@domain.
portal-problem-not-an-eas-id = Eine Kennung hat 1 bis 32 Buchstaben und Ziffern.
portal-problem-not-blocked = Es besteht keine Sperre.
portal-problem-not-invited = Die Einladung wurde bereits angenommen.
portal-problem-not-ordered = Es war keine Löschung angeordnet.
portal-problem-not-registered = Das Gerät ist noch nicht registriert. Ziehen Sie stattdessen die Einladung zurück.
portal-problem-other-connection = Die Antwort kam über eine andere Verbindung.
portal-problem-password-contains-name = Das Passwort enthält den Namen.
portal-problem-password-too-long = Das Passwort ist zu lang.
portal-problem-password-too-short = Das Passwort ist zu kurz.
portal-problem-password-too-uniform = Das Passwort wiederholt zu wenige Zeichen.
portal-problem-retired = Das Gerät ist ausgemustert.
portal-problem-settings-outdated = Inzwischen hat jemand eine andere Revision gespeichert.
portal-problem-settings-unchanged = Diese Einstellungen gelten bereits.
portal-problem-text-blank = Schreiben Sie dies als ein Wort, ohne Leerzeichen.
portal-problem-text-control = Schreiben Sie dies in eine Zeile.
portal-problem-text-empty = Dieses Feld wird benötigt.
portal-problem-text-too-long = Das ist zu lang.
portal-problem-too-many-addresses = Eine Person hat höchstens 50 Adressen.
portal-problem-too-many-requests = Von dieser Adresse kamen zu viele Versuche. Warten Sie ein wenig.
portal-problem-unknown-administrator = Diesen Administrator gibt es nicht.
portal-problem-unknown-challenge = Die Aufgabe ist unbekannt oder wurde schon beantwortet.
portal-problem-unknown-device = Dieses Gerät gibt es nicht mehr.
portal-problem-unknown-group = Diese Gruppe gibt es nicht mehr.
portal-problem-unknown-invitation = Diese Einladung gibt es nicht mehr.
portal-problem-unknown-user = Diese Person gibt es nicht mehr.
portal-problem-validity-out-of-range = Eine Einladung kann 1 Minute bis 30 Tage gelten.
portal-problem-wiped = Für das Gerät ist eine Löschung angeordnet.
portal-problem-without-app = Auf dem Gerät läuft die App nicht, die allein folgen könnte.
portal-problem-wrong-answer = Die Antwort auf die Aufgabe war falsch.
portal-problem-wrong-device-key = Das Gerät hat seinen Schlüssel nicht nachgewiesen.
portal-problem-wrong-name-or-password = Der Name oder das Passwort ist falsch.

## Administrators
portal-administrators-lead = Alle, die hier stehen, dürfen in dieser Konsole alles.
portal-administrator-add = Administrator hinzufügen
portal-administrator-add-text = Übergeben Sie das Passwort selbst; nach der ersten Anmeldung wird es geändert.
portal-administrator-name-help = Ein Wort; unter diesem Namen steht er im Protokoll.
portal-administrator-added = { $name } kann sich anmelden.
portal-administrator-since = Seit
portal-administrator-own = Sie
portal-administrator-remove = Administrator entfernen
portal-administrator-remove-text = Wird sofort abgemeldet und kann sich nicht mehr anmelden.
portal-administrator-removed = Der Administrator ist entfernt.
