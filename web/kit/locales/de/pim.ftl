## Überall gebrauchte Wörter

pim-back = Zurück
pim-next = Weiter
pim-later = Später
pim-more = Mehr
pim-account = Konto
pim-areas = Bereiche
pim-password = Passwort
pim-yesterday = Gestern
pim-percent = { NUMBER($value) } %
pim-check-again = Erneut prüfen

## Die Tür

pim-shut-no-ticket = Öffnen Sie Cordon aus der App
pim-shut-no-ticket-text = Diese Seite gehört zur App auf diesem Gerät und öffnet sich nur von dort.
pim-shut-ticket-used = Dieser Link wurde schon benutzt
pim-shut-ticket-used-text = Jeder Link öffnet die Seite nur einmal und nur kurze Zeit, damit niemand sonst ihn benutzen kann.
pim-shut-ended = Diese Seite wurde geschlossen
pim-shut-ended-text = Die App kennt diese Seite nicht mehr. In diesem Fenster ist nichts Lesbares geblieben.
pim-shut-stopped = Cordon läuft nicht
pim-shut-stopped-text = Die App auf diesem Gerät antwortet nicht. In diesem Fenster ist nichts Lesbares geblieben; Ihre Post liegt sicher im Container.
pim-shut-how = So öffnen Sie die Seite
pim-shut-how-1 = Starten Sie die App:
pim-shut-how-2 = Sie öffnet von selbst eine neue Seite.

## Entsperren

pim-unlock = Entsperren
pim-unlock-do = Entsperren
pim-unlock-empty = Geben Sie Ihr Passwort ein.
pim-unlock-wrong = Dieses Passwort ist falsch.
pim-unlock-note = Ihre Post liegt verschlüsselt auf diesem Gerät.
pim-password-due = Neues Passwort nötig
pim-password-due-expired = Ihr Passwort ist älter als { NUMBER($count) } Tage. Wählen Sie ein neues; Ihre Daten bleiben, wie sie sind.
pim-password-due-weak = Ihre IT verlangt jetzt ein stärkeres Passwort. Wählen Sie ein neues; Ihre Daten bleiben, wie sie sind.
pim-password-due-level = Ihre IT möchte, dass von jetzt an ein Passwort statt der Karte öffnet. Wählen Sie eines; Ihre Daten bleiben, wie sie sind.
pim-password-due-do = Ändern und entsperren
pim-password-change = Passwort ändern
pim-password-now = Bisheriges Passwort
pim-password-change-do = Ändern
pim-password-changed = Das Passwort ist geändert.
pim-attempts-left = { $count ->
    [one] Noch ein Versuch
   *[other] Noch { $count } Versuche
}
pim-attempts-warning = Nach dem letzten falschen Passwort wird der Schlüssel auf diesem Gerät gelöscht, und Sie müssen es neu einrichten.
pim-attempts-last = Ist auch das nächste Passwort falsch, wird der Schlüssel auf diesem Gerät gelöscht. Wenn Sie unsicher sind, fragen Sie zuerst Ihre IT.

pim-card-pin = PIN der Smartcard
pim-card-pin-help = Stecken Sie die Karte von { $card } ein.
pim-card-pin-any = Stecken Sie Ihre Karte ein, und nur diese.
pim-card-pin-empty = Geben Sie die PIN ein.
pim-card-removed = Cordon hat sich gesperrt, weil die Smartcard gezogen wurde.
pim-card-due = Ihre Smartcard öffnet von jetzt an
pim-card-due-text = Ihre IT möchte, dass statt des Passworts Ihre Smartcard öffnet. Ihre Daten bleiben, wie sie sind.
pim-card-due-do = Karte verwenden und entsperren
pim-card-level = Ihre IT verlangt, dass der Schlüssel auf der Smartcard liegt. Das geht nur mit einer neuen Einrichtung: Bitten Sie Ihre IT um eine Einladung.
pim-card-fault-absent = In keinem Leser steckt eine Karte. Stecken Sie Ihre ein.
pim-card-fault-blocked = Die PIN dieser Karte ist nach zu vielen falschen Eingaben gesperrt. Lassen Sie die Karte von ihrem Herausgeber entsperren.
pim-card-fault-busy = Ein anderes Programm verwendet die Karte allein. Schließen Sie es.
pim-card-fault-expired = Die Karte verlangt eine neue PIN. Setzen Sie diese mit dem Programm, das zu ihr gehört.
pim-card-fault-middleware = Die Software Ihrer Firma für Smartcards lässt sich nicht laden. Wenden Sie sich an Ihre IT.
pim-card-fault-other = Das ist nicht die Karte, die gebraucht wird. Stecken Sie die von { $card } ein.
pim-card-fault-pin = Diese PIN ist falsch.
pim-card-fault-pin-left = { $count ->
    [0] Diese PIN ist falsch, und die Karte hat sie nun gesperrt.
    [one] Diese PIN ist falsch. Ist es auch die nächste, sperrt sich die Karte.
   *[other] Diese PIN ist falsch. Noch { $count } Versuche, dann sperrt sich die Karte.
}
pim-card-fault-reader = Es ist kein Leser für Smartcards angeschlossen.
pim-card-fault-service = Der Dienst für Smartcards (pcscd) läuft nicht, oder der Leser antwortet nicht. Wenden Sie sich an Ihre IT.
pim-card-fault-several = In den Lesern stecken mehrere Karten. Lassen Sie nur Ihre stecken.
pim-card-fault-unfit = Eine solche PIN nimmt die Karte nicht. Es wurde kein Versuch verbraucht.
pim-card-fault-unknown = Diese Art von Karte kennt Cordon nicht.
pim-card-fault-unsuitable = Diese Karte lässt sich nicht verwenden. Auf ihr muss ein Schlüssel zum Entschlüsseln sein.

pim-renew = Neues Zertifikat importieren
pim-renew-text = Es tritt an die Stelle Ihres persönlichen Zertifikats. Was für das bisherige verschlüsselt wurde, bleibt lesbar.
pim-renew-ends = Ihres endet am { $day }.
pim-renew-password = Passwort von Cordon
pim-renew-do = Importieren
pim-renew-done = Ihr neues Zertifikat ist in Gebrauch.
pim-renew-fault-ended = Dieses Zertifikat ist schon abgelaufen.
pim-renew-fault-older = Dieses Zertifikat ist älter als Ihres.
pim-renew-fault-person = Dieses Zertifikat gehört jemand anderem.
pim-renew-fault-same = Dieses Zertifikat benutzen Sie schon.
pim-renew-fault-untrusted = Ihre IT nimmt dieses Zertifikat nicht an.
pim-import = Zertifikatsdatei im Importordner
pim-import-help = Sie wird dort gelöscht, sobald ihr Schlüssel im Container ist.
pim-import-fetching = Auf dem Server wird nach einer Zertifikatsdatei gesucht …
pim-import-arrived = Ihre Zertifikatsdatei ist vom Server angekommen.
pim-delivered = Ein neues Zertifikat von der IT ist angekommen.
pim-delivered-take = Übernehmen …
pim-import-other = Andere Datei …
pim-import-hint = Eine Datei in { $folder } wird hier gefunden und nach dem Import gelöscht.
pim-banner-certificate = { $count ->
    [0] Ihr persönliches Zertifikat ist abgelaufen.
    [one] Ihr persönliches Zertifikat endet am { $day }, innerhalb eines Tages.
   *[other] Ihr persönliches Zertifikat endet am { $day }, in { $count } Tagen.
}
pim-banner-certificate-card = Fragen Sie Ihre IT nach einer neuen Karte.
pim-banner-certificate-do = Neues importieren

pim-blocked = Dieses Gerät ist gesperrt
pim-blocked-text = Ihre IT hat dieses Gerät gesperrt. Post lässt sich weder öffnen noch abrufen, bis die Sperre aufgehoben ist.
pim-blocked-reason = Begründung: { $reason }
pim-blocked-data = Ihre Daten bleiben verschlüsselt auf dem Gerät.
pim-blocked-return = Wird die Sperre aufgehoben, geht alles ohne neue Einrichtung weiter.
pim-blocked-unlock = Hat Ihre IT die Sperre aufgehoben? Ihr Passwort öffnet Cordon und fragt beim Server nach.
pim-blocked-still = Die Sperre besteht noch. Fragen Sie Ihre IT.

pim-wiped-key = Der Schlüssel wurde entfernt
pim-wiped-data = Cordon wurde auf diesem Gerät gelöscht
pim-wiped-data-text = Ihre IT hat angeordnet, alles zu löschen, was Cordon hier hatte, etwa weil das Gerät als verloren gemeldet wurde. Ihre Post liegt weiter auf dem Mailserver.
pim-wiped-next = Mit einer neuen Einladung Ihrer IT und Ihrem Zertifikat können Sie das Gerät wieder einrichten.
pim-register-again = Neu einrichten

pim-restore-ordered = Ihre IT hat den Schlüssel auf diesem Gerät gelöscht. Ihre Daten sind noch da, aber nicht lesbar. Mit demselben Zertifikat und einer neuen Einladung werden sie wieder lesbar.
pim-restore-passwords = Das Passwort war zu oft falsch, deshalb wurde der Schlüssel auf diesem Gerät gelöscht. Ihre Daten sind noch da; mit demselben Zertifikat werden sie wieder lesbar.
pim-restore-unknown = Der Schlüssel auf diesem Gerät wurde gelöscht. Ihre Daten sind noch da; mit demselben Zertifikat werden sie wieder lesbar.
pim-restore-file-help = Dieselbe Datei (.p12 oder .pfx), mit der dieses Gerät eingerichtet wurde.
pim-restore-link = Link der neuen Einladung
pim-restore-link-help = Bitten Sie Ihre IT um eine Einladung; ohne sie bleibt dieses Gerät außer Dienst.
pim-restore-do = Wieder lesbar machen
pim-restore-working = Cordon fragt den Server und setzt den Schlüssel wieder ein …
pim-restore-discard = Daten löschen und neu einrichten …
pim-restore-discard-ask = Die Daten auf diesem Gerät aufgeben?
pim-restore-discard-text = Sie werden gelöscht, sobald das Gerät neu eingerichtet ist. Was noch im Ausgang wartete, geht verloren; alles andere liegt weiter auf dem Mailserver.
pim-restore-fault-blocked = Ihre IT hat dieses Gerät gesperrt. Der Schlüssel kann erst wieder eingesetzt werden, wenn die Sperre aufgehoben ist.
pim-restore-fault-invitation = Ihre IT hat dieses Gerät außer Dienst gestellt. Bitten Sie um eine neue Einladung und fügen Sie ihren Link hier ein.
pim-restore-fault-certificate = Die Daten auf diesem Gerät gehören zu einem anderen Zertifikat. Nehmen Sie die Datei, mit der es eingerichtet wurde.
pim-restore-fault-server = Diese Einladung kommt nicht von dem Server, bei dem dieses Gerät eingerichtet wurde.
pim-restore-fault-wiped = Ihre IT hat inzwischen angeordnet, alles zu löschen. Das ist geschehen.

## Einrichtung

pim-register = Dieses Gerät einrichten
pim-register-text = Sie brauchen die Einladung und die Zertifikatsdatei, die Sie von Ihrer IT bekommen haben.
pim-register-steps = Schritte
pim-register-step-invitation = Einladung
pim-register-step-certificate = Zertifikat
pim-register-step-password = Passwort
pim-register-step-mail = Post
pim-register-link = Einladungslink
pim-register-link-help = Kopieren Sie den ganzen Link aus der Einladung, auch alles hinter dem #.
pim-register-link-wrong = Das ist kein vollständiger Einladungslink. Er beginnt mit https:// und enthält /join#code=…
pim-register-server = Server Ihrer Firma:
pim-register-source = Ihr Zertifikat
pim-register-source-file = In einer Datei
pim-register-source-card = Auf der Smartcard
pim-register-source-card-help = Der Schlüssel bleibt auf der Karte. Sie muss stecken, solange Cordon offen ist.
pim-register-card-opens = Cordon fragt nach der PIN dieser Karte, wann immer Sie öffnen.
pim-register-fault-import = Die Datei im Importordner kann nicht gelesen werden.
pim-register-file = Zertifikatsdatei
pim-register-file-help = Eine Datei mit der Endung .p12 oder .pfx.
pim-register-file-missing = Wählen Sie Ihre Zertifikatsdatei aus.
pim-register-file-other = Das ist keine Zertifikatsdatei mit Schlüssel (.p12 oder .pfx).
pim-register-transport = Transportpasswort der Datei
pim-register-transport-help = Es kam mit der Datei, oft in einem eigenen Brief oder einer eigenen Nachricht.
pim-register-transport-missing = Geben Sie das Transportpasswort ein.
pim-register-password = Neues Passwort
pim-register-password-help = Es öffnet Cordon auf diesem Gerät. Es wird nirgends gespeichert; ohne es sind die Daten nicht lesbar.
pim-register-password-weak = Das Passwort erfüllt noch nicht alle Regeln.
pim-register-password-differs = Die beiden Passwörter sind verschieden.
pim-register-repeat = Neues Passwort wiederholen
pim-register-mail-help = Mit diesem Passwort wird Ihre Post abgerufen. Sie können es leer lassen und später eingeben.
pim-register-do = Einrichten
pim-register-working = Das Gerät wird eingerichtet …
pim-register-working-text = Cordon weist Ihr Zertifikat bei { $host } nach, holt die Einstellungen und legt den verschlüsselten Container an. Das dauert einen Moment.
pim-register-fault-link = Der Einladungslink ist nicht lesbar. Kopieren Sie ihn noch einmal aus der Einladung.
pim-register-fault-expired = Die Einladung gilt nicht mehr. Bitten Sie Ihre IT um eine neue.
pim-register-fault-used = Die Einladung wurde schon benutzt. Bitten Sie Ihre IT um eine neue.
pim-register-fault-unreachable = Der Server Ihrer Firma ist nicht erreichbar. Prüfen Sie die Verbindung und versuchen Sie es erneut.
pim-register-fault-server = Der Server ist nicht der, den die Einladung nennt. Machen Sie nicht weiter und sagen Sie Ihrer IT Bescheid.
pim-register-fault-licence = Ihre Firma hat keine freie Lizenz für ein weiteres Gerät. Sagen Sie Ihrer IT Bescheid.
pim-register-fault-transport = Die Datei lässt sich mit diesem Transportpasswort nicht öffnen.
pim-register-fault-damaged = Die Zertifikatsdatei ist beschädigt oder enthält keinen Schlüssel.
pim-register-fault-several-keys = Die Zertifikatsdatei enthält mehrere Schlüssel. Exportieren Sie nur den für Ihre Post und wählen Sie diese Datei.
pim-register-fault-expensive = Diese Zertifikatsdatei zu öffnen würde viel zu lange dauern. Lassen Sie sie mit weniger Iterationen neu exportieren.
pim-register-fault-encryption = Die Zertifikatsdatei ist so verschlüsselt, dass Cordon sie nicht öffnet. Lassen Sie sie mit AES-256 und einem einzigen Passwort neu exportieren.
pim-register-fault-certificate-missing = Ihre IT hat auf dem Server noch kein Zertifikat für Sie hinterlegt.
pim-register-fault-failed = Auf dem Server ist etwas schiefgegangen. Versuchen Sie es später erneut oder sagen Sie Ihrer IT Bescheid.
pim-register-fault-later = Zu viele Versuche in kurzer Zeit. Warten Sie einige Minuten und versuchen Sie es erneut.
pim-register-fault-storage = Der verschlüsselte Container konnte nicht geschrieben werden. Prüfen Sie, ob die Festplatte voll ist.
pim-register-fault-certificate = Der Server nimmt dieses Zertifikat für Ihre Einladung nicht an. Prüfen Sie, ob es Ihre eigene Datei ist.
pim-register-fault-certificate-expired = Das Zertifikat gilt zurzeit nicht. Bitten Sie Ihre IT um ein neues.
pim-register-fault-weak = Das neue Passwort erfüllt die Regeln Ihrer IT nicht.
pim-register-fault-differ = Die beiden Passwörter sind verschieden.
pim-register-fault-used-password = Dieses Passwort war schon einmal in Gebrauch. Wählen Sie ein anderes.
pim-rules = Regeln für das Passwort
pim-rule-length = mindestens { NUMBER($count) } Zeichen
pim-rule-digit = eine Ziffer
pim-rule-letter = ein Buchstabe
pim-rule-kinds = { NUMBER($count) } von: Klein-, Großbuchstaben, Ziffern, andere
pim-rule-no-sequences = keine Folgen wie 1234 oder aaaa
pim-rule-forbidden-words = kein Wort, das Ihre IT verbietet
pim-rule-upper-and-lower = Groß- und Kleinbuchstaben
pim-rule-symbol = ein Sonderzeichen
pim-rule-kept = (erfüllt)
pim-rule-open = (noch nicht)

## Ordner und Liste

pim-mail = Post
pim-folders = Ordner
pim-list = Nachrichten
pim-reading = Nachricht
pim-folder-inbox = Posteingang
pim-folder-drafts = Entwürfe
pim-folder-sent = Gesendet
pim-folder-outbox = Postausgang des Servers
pim-folder-junk = Junk
pim-folder-deleted = Gelöscht
pim-folder-open = { $name } aufklappen
pim-folder-close = { $name } zuklappen
pim-folder-fetching = Noch nicht geholt
pim-folder-fetching-text = Die Nachrichten dieses Ordners erscheinen hier mit dem ersten Abgleich.
pim-first-sync = Ihre Post ist unterwegs
pim-first-sync-text = Die Ordner erscheinen hier mit dem ersten Abgleich. Die neuesten Nachrichten kommen zuerst.
pim-folder-empty = Hier ist nichts
pim-folder-empty-text = Neue Nachrichten erscheinen hier, sobald sie eintreffen.
pim-search = Nachrichten suchen
pim-search-help = Wörter, "Wortfolgen", von:, an:, betreff:, hat:anhang, ist:ungelesen, vor:31.12.2026, nach:1.1.2026
pim-search-clear = Suche leeren
pim-search-scope = Wo gesucht wird
pim-search-all = Alle Ordner
pim-search-folder = Dieser Ordner
pim-search-found = { $count ->
    [0] Kein Treffer
    [one] Ein Treffer
   *[other] { NUMBER($count) } Treffer
}
pim-search-nothing = Nichts gefunden
pim-search-nothing-text = Versuchen Sie weniger oder andere Wörter.
pim-search-unindexed = { $count ->
    [one] Eine Nachricht wird noch für die Suche erfasst.
   *[other] { NUMBER($count) } Nachrichten werden noch für die Suche erfasst.
}
pim-message-count = { $count ->
    [one] Eine Nachricht
   *[other] { NUMBER($count) } Nachrichten
}
pim-unread-count = { NUMBER($count) } ungelesen
pim-unread = Ungelesen
pim-flagged = Markiert
pim-importance-high = Hohe Wichtigkeit
pim-importance-low = Niedrige Wichtigkeit
pim-attachments = { $count ->
    [one] Ein Anhang
   *[other] { NUMBER($count) } Anhänge
}
pim-no-subject = (Kein Betreff)
pim-no-recipient = (Kein Empfänger)
pim-row-loading = Nachricht { $number } wird geladen
pim-drafts-open = In Arbeit
pim-draft-untitled = Neue Nachricht

## Nachricht

pim-nothing-selected = Keine Nachricht ausgewählt
pim-nothing-selected-text = Wählen Sie eine aus der Liste, oder drücken Sie ? für alle Tasten.
pim-message-actions = Aktionen zur Nachricht
pim-answer-actions = Antworten
pim-message-gone = Diese Nachricht gibt es nicht mehr
pim-message-gone-text = Sie wurde anderswo verschoben oder gelöscht.
pim-no-body = Diese Nachricht hat keinen Text, oder er ist noch nicht auf diesem Gerät.
pim-reply = Antworten
pim-reply-all = Allen antworten
pim-forward = Weiterleiten
pim-mark-read = Als gelesen markieren
pim-mark-unread = Als ungelesen markieren
pim-newer = Neuere Nachricht
pim-older = Ältere Nachricht
pim-from = Von
pim-to = An
pim-cc = Kopie
pim-bcc = Blindkopie
pim-date = Datum
pim-subject = Betreff
pim-me = mich
pim-to-names = An { $names }
pim-and-more = { $count ->
    [one] und eine weitere Person
   *[other] und { NUMBER($count) } weitere
}
pim-show-details = Alle Adressen anzeigen
pim-write-to = An { $name } schreiben
pim-security = Signatur und Verschlüsselung
pim-security-details = Einzelheiten
pim-smime-waiting = Diese Nachricht ist unterschrieben oder verschlüsselt und liegt noch nicht vollständig auf diesem Gerät.
pim-not-opened = Die Nachricht konnte nicht geöffnet werden. Ihre Dateien lassen sich so speichern, wie sie kamen.
pim-signature-by = Unterschrift von
pim-signature-unknown = unbekannt
pim-signature-time = Laut Absender am
pim-signature-algorithm = Verfahren
pim-certificate-issuer = Zertifikat von
pim-certificate-until = Gültig bis
pim-certificate-fingerprint = Fingerabdruck
pim-sign = Unterschreiben
pim-encrypt = Verschlüsseln
pim-encrypt-required = Ihre IT verlangt, dass jede Nachricht verschlüsselt wird.
pim-certificates = Zertifikate
pim-certificates-none = Keine Zertifikate
pim-certificates-none-text = Wer Ihnen unterschriebene Nachrichten schreibt, erscheint hier von selbst.
pim-certificates-import = Zertifikate hinzufügen
pim-certificates-doubt = Die Nachricht lässt sich nicht für alle verschlüsseln
pim-certificates-stuck = Ihre IT lässt sie so nicht gehen. Nehmen Sie die Empfänger heraus oder fügen Sie Zertifikate hinzu.
pim-certificates-despite = Trotzdem verschlüsseln
pim-certificates-plain = Ohne Verschlüsselung senden
pim-certificate-remove = Zertifikat für { $address } entfernen
pim-certificate-from-directory = aus dem Verzeichnis
pim-certificate-from-import = von Ihnen hinzugefügt
pim-certificate-from-ldap = über LDAP
pim-certificate-from-mail = aus einer Nachricht
pim-certificate-from-portal = von Cordon
pim-frame = Text der Nachricht
pim-images-blocked = { $count ->
    [one] Ein entferntes Bild wurde blockiert, damit der Absender nicht erfährt, dass Sie die Nachricht lesen.
   *[other] { NUMBER($count) } entfernte Bilder wurden blockiert, damit der Absender nicht erfährt, dass Sie die Nachricht lesen.
}
pim-images-forbidden = { $count ->
    [one] Ein entferntes Bild wurde blockiert. Ihre IT erlaubt das Laden nicht.
   *[other] { NUMBER($count) } entfernte Bilder wurden blockiert. Ihre IT erlaubt das Laden nicht.
}
pim-images-unsafe = { $count ->
    [one] Ein entferntes Bild bleibt weg: Es könnte den verschlüsselten Text verraten.
   *[other] { NUMBER($count) } entfernte Bilder bleiben weg: Sie könnten den verschlüsselten Text verraten.
}
pim-images-load = Bilder laden
pim-show-quote = Zitat anzeigen
pim-hide-quote = Zitat ausblenden

## Anhänge

pim-attachment = Anhang
pim-attachment-remote = noch auf dem Server
pim-file-place = { NUMBER($number) } von { NUMBER($total) }
pim-file-previous = Voriger Anhang
pim-file-next = Nächster Anhang
pim-file-fetching = Wird vom Mailserver geholt …
pim-file-unsupported = Keine Vorschau für diese Art von Datei
pim-file-unsupported-text = Anhänge öffnen sich nur in Cordon, und diese Art kann Cordon noch nicht zeigen.
pim-file-damaged = Diese Datei lässt sich nicht anzeigen
pim-file-damaged-text = Sie ist beschädigt oder nicht das, was ihr Name sagt.
pim-image-region = Bild
pim-text-region = Text von { $name }
pim-table-region = Tabelle { $name }
pim-table-count = { $rows } Zeilen, { NUMBER($columns) } Spalten
pim-zoom = Größe
pim-zoom-in = Größer
pim-zoom-out = Kleiner
pim-zoom-fit = Einpassen
pim-zoom-width = An Breite anpassen
pim-pdf-tools = Dokument
pim-pdf-contents = Inhalt
pim-pdf-page = Seite { NUMBER($number) } von { NUMBER($total) }
pim-pdf-page-number = Seite
pim-pdf-search = Im Dokument suchen
pim-pdf-hits = { NUMBER($current) }/{ NUMBER($total) }
pim-pdf-no-hits = nicht gefunden
pim-pdf-previous-hit = Vorige Stelle
pim-pdf-next-hit = Nächste Stelle
pim-pdf-region = Seiten von { $name }
pim-pdf-password = Dieses Dokument hat ein Passwort
pim-pdf-password-wrong = Dieses Passwort ist falsch.
pim-pdf-open = Öffnen

## Schreiben

pim-write = Neue Nachricht
pim-write-short = Schreiben
pim-send = Senden
pim-attach = Dateien anhängen
pim-discard = Verwerfen
pim-drop = Dateien zum Anhängen hier ablegen
pim-text = Text
pim-text-placeholder = Schreiben Sie Ihre Nachricht …
pim-copies = Kopie, Blindkopie
pim-suggestions = Vorschläge
pim-address-bad = Das ist keine Mailadresse
pim-address-edit = { $name } ändern
pim-address-edit-bad = Keine Adresse, ändern: { $text }
pim-address-remove = { $name } entfernen
pim-address-missing = Geben Sie mindestens einen Empfänger an.
pim-address-some-bad = Korrigieren Sie die markierten Empfänger.
pim-file-failed = konnte nicht geholt werden
pim-file-remove = { $name } entfernen
pim-files-total = Zusammen { $size }
pim-ask-subject = Ohne Betreff senden?
pim-ask-subject-text = Mit einem Betreff findet der Empfänger die Nachricht leichter wieder.
pim-ask-attachment = Ohne Anhang senden?
pim-ask-attachment-text = Im Text ist von einem Anhang die Rede, aber es ist keiner dabei.
pim-ask-discard = Diese Nachricht verwerfen?
pim-ask-discard-text = Was Sie geschrieben haben, geht verloren.
pim-send-anyway = Trotzdem senden
pim-keep-writing = Weiterschreiben
pim-sent = Die Nachricht liegt im Postausgang und wird gesendet.
pim-quote-wrote = Am { $date } schrieb { $name }:
pim-quote-forwarded = Weitergeleitete Nachricht

## Postausgang

pim-outbox = Postausgang
pim-outbox-count = { $count ->
    [one] Eine Nachricht im Postausgang
   *[other] { NUMBER($count) } Nachrichten im Postausgang
}
pim-outbox-about = Die Nachrichten werden nacheinander gesendet, sobald eine Verbindung besteht.
pim-outbox-offline = Es gibt keine Verbindung. Die Nachrichten werden gesendet, wenn sie wieder da ist.
pim-outbox-empty = Alles ist gesendet
pim-outbox-empty-text = Was Sie ohne Verbindung schreiben, wartet hier, bis sie wieder da ist.
pim-outbox-waiting = Wartet
pim-outbox-sending = Wird gesendet
pim-outbox-failed = Nicht gesendet
pim-outbox-discard = „{ $subject }“ verwerfen
pim-outbox-ask = Diese Nachricht verwerfen?
pim-outbox-ask-text = Sie wurde nicht gesendet und wird gelöscht.

## Abgleich

pim-sync-now = Abgleichen
pim-sync-fresh = Bereit
pim-sync-idle = Aktuell
pim-sync-syncing = Wird abgeglichen
pim-sync-offline = Offline
pim-sync-refused = Abgewiesen
pim-sync-error = Nicht abgeglichen
pim-sync-never = noch nie abgeglichen
pim-sync-just-now = gerade eben
pim-sync-last = zuletzt { $when }
pim-sync-progress = { $done } von { $total }
pim-sync-count = { $done } Nachrichten

## Hinweise

pim-banner-unreachable = Die App antwortet gerade nicht. Neuer Versuch …
pim-banner-blocked = Dieses Gerät ist gesperrt.
pim-banner-blocked-text = Ihre IT lässt es keine Post abrufen oder senden. Was schon hier ist, bleibt lesbar, bis die App sich sperrt.
pim-banner-refused = Der Mailserver weist dieses Gerät ab.
pim-banner-refused-text = Meist, weil die IT es gesperrt hat. Was schon hier ist, bleibt lesbar; fragen Sie Ihre IT.
pim-banner-error = Der letzte Abgleich ist gescheitert.
pim-banner-sign-in = Der Mailserver verlangt, dass Sie sich im Browser anmelden.
pim-banner-signing-in = Die App wartet auf Ihre Anmeldung.
pim-sign-in = Anmelden
pim-sign-in-open = Seite für die Anmeldung öffnen
pim-cause-sign-in-failed = Die Anmeldung ist nicht gelungen. Versuchen Sie es noch einmal; bleibt es so, sagen Sie es Ihrer IT.
pim-sign-in-provider-unfit = Der Identitätsanbieter ist so, wie er eingerichtet ist, nicht brauchbar. Sagen Sie es Ihrer IT.
pim-cause-sign-in-refused = Die Anmeldung wurde abgelehnt.
pim-cause-sign-in-timeout = Aus dem Browser kam niemand rechtzeitig zurück.
pim-cause-sign-in-unreachable = Der Identitätsanbieter antwortet nicht. Versuchen Sie es später noch einmal.
pim-banner-mail-password = Der Mailserver verlangt Ihr Mailpasswort.
pim-warning-key-file = Der zweite Schlüssel dieses Geräts liegt in einer Datei, weil das System keinen Schlüsselspeicher bietet. Wer die ganze Platte kopiert, kopiert auch ihn.
pim-warning-other = Die App warnt: { $code }
pim-mail-password = Mailpasswort
pim-mail-password-enter = Eingeben
pim-mail-password-text = Das Passwort von { $address } auf dem Mailserver. Es liegt danach im verschlüsselten Container.
pim-mail-password-do = Speichern
pim-mail-password-kept = Das Mailpasswort ist gespeichert.
pim-lock = Sperren
pim-lock-now = Jetzt sperren
pim-lock-question = Sperren und Geschriebenes verlieren?
pim-lock-question-text = Diese Nachrichten sind nicht gesendet. Das Sperren entfernt alles Lesbare aus dem Speicher, auch sie.
pim-lock-discard = Verwerfen und sperren
pim-idle = Cordon sperrt sich gleich
pim-idle-text = Eine Weile hat niemand etwas getan.
pim-idle-draft = Eine Weile hat niemand etwas getan. Nicht gesendete Nachrichten gehen verloren.
pim-idle-left = { $count ->
    [one] Noch eine Sekunde
   *[other] Noch { NUMBER($count) } Sekunden
}
pim-idle-stay = Weiterarbeiten

## Ursachen

pim-cause-attachments-forbidden = Ihre IT erlaubt auf diesem Gerät keine Anhänge.
pim-cause-busy = Der Mailserver ist ausgelastet. Die App versucht es von selbst wieder.
pim-cause-connection-lost = Es gibt keine Verbindung zum Mailserver. Die App versucht es von selbst wieder.
pim-cause-full = Das Postfach auf dem Mailserver ist voll. Was darin liegt, kommt weiter an; Änderungen nimmt er erst an, wenn wieder Platz ist.
pim-cause-moved = Der Mailserver sagt, dass das Postfach woanders ist, aber nicht, wo. Sagen Sie es Ihrer IT.
pim-cause-moved-elsewhere = Der Mailserver schickt die App zu einem Server außerhalb Ihrer Firma. Es wird keine Post abgerufen; sagen Sie es Ihrer IT.
pim-cause-token-wanted = Der Mailserver nimmt keine Passwörter mehr an. Sagen Sie es Ihrer IT.
pim-cause-not-delivered = Auch nach mehreren Versuchen ist nicht sicher, ob der Mailserver sie angenommen hat.
pim-cause-password-expired = Das Mailpasswort ist abgelaufen. Ändern Sie es und geben Sie das neue hier ein.
pim-cause-password-refused = Der Mailserver nimmt das Mailpasswort nicht an.
pim-cause-provisioning = Der Mailserver verlangt Regeln, die dieses Gerät nicht erfüllen kann. Fragen Sie Ihre IT.
pim-cause-recipient-refused = Der Mailserver hat einen Empfänger abgelehnt.
pim-cause-untrusted = Der Mailserver kann sich nicht ausweisen. Es wird keine Post abgerufen; sagen Sie Ihrer IT Bescheid.
pim-cause-version = Der Mailserver spricht keine Fassung, die die App kennt.
pim-cause-server = Der Mailserver hat mit einem Fehler geantwortet ({ $code }).

## Tasten

pim-shortcuts = Tastenkürzel
pim-shortcuts-help = Ohne sie gehen weiterhin Pfeiltasten, Enter und Escape.
pim-keys-list = Liste
pim-keys-message = Nachricht
pim-keys-page = Überall
pim-key-control = Strg
pim-key-home = Pos1
pim-key-end = Ende
pim-key-next = Nächste Nachricht
pim-key-previous = Vorige Nachricht
pim-key-open = Öffnen
pim-key-ends = Erste, letzte
pim-key-read = Gelesen, ungelesen
pim-key-inbox = Posteingang

## Fehler

pim-problem-bad-address = Ein Empfänger ist keine Mailadresse.
pim-problem-certificate-expired = Ihr Zertifikat ist abgelaufen, und Ihre IT verlangt ein gültiges. Bitten Sie Ihre IT um ein neues; Ihre Daten bleiben, wie sie sind.
pim-problem-certificate-revocation-unknown = Ihre IT verlangt eine aktuelle Sperrliste zu Ihrem Zertifikat, und es gibt keine. Gehen Sie online und versuchen Sie es noch einmal; hilft das nicht, fragen Sie Ihre IT.
pim-problem-certificate-revoked = Ihr Zertifikat wurde gesperrt. Fragen Sie Ihre IT; Ihre Daten bleiben verschlüsselt, wie sie sind.
pim-problem-certificate-untrusted = Ihr Zertifikat kommt von keiner Stelle, der Ihre IT vertraut. Fragen Sie Ihre IT; Ihre Daten bleiben, wie sie sind.
pim-problem-certificate-unusable = Ihr Zertifikat ist nicht so, wie Ihre IT es verlangt. Fragen Sie Ihre IT; Ihre Daten bleiben, wie sie sind.
pim-problem-certificates = Für manche Empfänger fehlt ein brauchbares Zertifikat.
pim-problem-encryption-required = Ihre IT verlangt, dass jede Nachricht verschlüsselt wird.
pim-problem-not-a-certificate = Die Datei ist kein Zertifikat.
pim-problem-not-protected = Die Nachricht konnte nicht unterschrieben oder verschlüsselt werden.
pim-problem-signing-certificate-expired = Ihr Zertifikat zum Unterschreiben ist abgelaufen. Fragen Sie Ihre IT nach einem neuen, oder schalten Sie „Unterschreiben“ aus, um diese Nachricht ohne Unterschrift zu senden.
pim-problem-signing-certificate-missing = Sie haben kein Zertifikat zum Unterschreiben: Ihres ist nur zum Verschlüsseln, und auf Ihrer Karte ist kein anderes. Fragen Sie Ihre IT, oder schalten Sie „Unterschreiben“ aus, um diese Nachricht ohne Unterschrift zu senden.
pim-problem-signing-certificate-revoked = Ihr Zertifikat zum Unterschreiben wurde gesperrt, der Unterschrift würde also niemand glauben. Fragen Sie Ihre IT, oder schalten Sie „Unterschreiben“ aus, um diese Nachricht ohne Unterschrift zu senden.
pim-problem-damaged = Der verschlüsselte Container auf diesem Gerät ist beschädigt. Sagen Sie Ihrer IT Bescheid; Ihre Post liegt weiter auf dem Mailserver.
pim-problem-device-key = Der Schlüsselspeicher dieses Rechners gibt den Schlüssel gerade nicht heraus. Entsperren Sie den Schlüsselbund des Systems und versuchen Sie es erneut.
pim-problem-gone = Das gibt es nicht mehr. Vermutlich wurde es anderswo verschoben oder gelöscht.
pim-problem-larger = Es ist größer als die { NUMBER($limit) } MiB, die Ihre IT erlaubt.
pim-problem-locked = Die App hat sich gesperrt.
pim-problem-no-recipient = Geben Sie mindestens einen Empfänger an.
pim-problem-offline = Es gibt keine Verbindung zum Mailserver.
pim-problem-refused = Der Mailserver hat es abgelehnt.
pim-problem-storage = Die Festplatte dieses Geräts hat abgelehnt. Prüfen Sie, ob sie voll ist.
pim-problem-too-large = Es ist größer, als Ihre IT erlaubt.
pim-problem-unreachable = Die App auf diesem Gerät antwortet nicht.
pim-problem-other = Das hat nicht geklappt: { $code }
