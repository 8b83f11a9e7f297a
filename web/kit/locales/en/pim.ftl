## Words used everywhere

pim-back = Back
pim-next = Continue
pim-later = Later
pim-more = More
pim-account = Account
pim-areas = Areas
pim-password = Password
pim-yesterday = Yesterday
pim-percent = { NUMBER($value) } %
pim-check-again = Check again

## The door

pim-shut-no-ticket = Open Cordon from the app
pim-shut-no-ticket-text = This page belongs to the app on this device and opens only from there.
pim-shut-ticket-used = This link was already used
pim-shut-ticket-used-text = Each link opens the page once and only for a short time, so that nobody else can use it.
pim-shut-ended = This page has been closed
pim-shut-ended-text = The app no longer knows this page. Nothing readable is left in this window.
pim-shut-stopped = Cordon is not running
pim-shut-stopped-text = The app on this device does not answer. Nothing readable is left in this window; your mail is safe in the container.
pim-shut-how = How to open it
pim-shut-how-1 = Start the app:
pim-shut-how-2 = It opens a new page by itself.

## Unlock

pim-unlock = Unlock
pim-unlock-do = Unlock
pim-unlock-empty = Enter your password.
pim-unlock-wrong = This password is wrong.
pim-unlock-note = Your mail is stored encrypted on this device.
pim-password-due = A new password is needed
pim-password-due-expired = Your password is older than { NUMBER($count) } days. Choose a new one; your data stays as it is.
pim-password-due-weak = Your IT asks for a stronger password now. Choose a new one; your data stays as it is.
pim-password-due-level = Your IT wants a password instead of the card to open Cordon from now on. Choose one; your data stays as it is.
pim-password-due-do = Change and unlock
pim-password-change = Change password
pim-password-now = Current password
pim-password-change-do = Change
pim-password-changed = The password is changed.
pim-attempts-left = { $count ->
    [one] One attempt left
   *[other] { $count } attempts left
}
pim-attempts-warning = After the last wrong password the key on this device is deleted, and you have to register again.
pim-attempts-last = If the next password is wrong too, the key on this device is deleted. If you are not sure, ask your IT first.

pim-card-pin = PIN of the smart card
pim-card-pin-help = Put in the card of { $card }.
pim-card-pin-any = Put in your card, and no other.
pim-card-pin-empty = Enter the PIN.
pim-card-removed = Cordon has locked itself because the smart card was pulled out.
pim-card-due = Your smart card opens from now on
pim-card-due-text = Your IT wants your smart card to open Cordon instead of the password. Your data stays as it is.
pim-card-due-do = Use the card and unlock
pim-card-level = Your IT demands that the key is on the smart card. That takes a new set-up: ask your IT for an invitation.
pim-card-fault-absent = There is no card in a reader. Put yours in.
pim-card-fault-blocked = The PIN of this card is blocked after too many wrong entries. Have the card unblocked by its issuer.
pim-card-fault-busy = Another program holds the card for itself. Close it.
pim-card-fault-expired = The card wants a new PIN. Set it with the program that belongs to the card.
pim-card-fault-middleware = Your company’s software for smart cards cannot be loaded. Tell your IT.
pim-card-fault-other = This is not the card that is needed. Put in the one of { $card }.
pim-card-fault-pin = This PIN is wrong.
pim-card-fault-pin-left = { $count ->
    [0] This PIN is wrong, and the card has blocked it now.
    [one] This PIN is wrong. If the next one is too, the card blocks itself.
   *[other] This PIN is wrong. { $count } attempts left until the card blocks itself.
}
pim-card-fault-reader = There is no smart card reader.
pim-card-fault-service = The service for smart cards (pcscd) does not run, or the reader does not answer. Tell your IT.
pim-card-fault-several = There are several cards in the readers. Leave in yours alone.
pim-card-fault-unfit = The card takes no such PIN. No attempt was used.
pim-card-fault-unknown = Cordon does not know this kind of card.
pim-card-fault-unsuitable = This card cannot be used. It has to hold a key that decrypts.

pim-renew = Import a new certificate
pim-renew-text = It takes the place of your personal certificate. What was encrypted for the one of before stays readable.
pim-renew-ends = Yours ends on { $day }.
pim-renew-password = Password of Cordon
pim-renew-do = Import
pim-renew-done = Your new certificate is in use.
pim-renew-fault-ended = This certificate has ended already.
pim-renew-fault-older = This certificate is older than yours.
pim-renew-fault-person = This certificate is for somebody else.
pim-renew-fault-same = This is the certificate that you use already.
pim-renew-fault-untrusted = Your IT does not accept this certificate.
pim-import = Certificate file in the import folder
pim-import-help = It is deleted there once its key is in the container.
pim-import-fetching = Looking for a certificate file at the server …
pim-import-arrived = Your certificate file has arrived from the server.
pim-delivered = A new certificate from IT has arrived.
pim-delivered-take = Take it …
pim-import-other = Another file …
pim-import-hint = A file in { $folder } is found here, and deleted after the import.
pim-banner-certificate = { $count ->
    [0] Your personal certificate has ended.
    [one] Your personal certificate ends on { $day }, within a day.
   *[other] Your personal certificate ends on { $day }, in { $count } days.
}
pim-banner-certificate-card = Ask your IT for a new card.
pim-banner-certificate-do = Import a new one

pim-blocked = This device is blocked
pim-blocked-text = Your IT has blocked this device. Mail can be neither opened nor fetched until the block is lifted.
pim-blocked-reason = Reason: { $reason }
pim-blocked-data = Your data stays on this device, encrypted.
pim-blocked-return = When the block is lifted, everything works again without a new registration.
pim-blocked-unlock = Has your IT lifted the block? Your password opens Cordon and asks the server.
pim-blocked-still = The block is still there. Ask your IT.

pim-wiped-key = The key was removed
pim-wiped-data = Cordon was wiped on this device
pim-wiped-data-text = Your IT has ordered to delete everything that Cordon kept here, for example because the device was reported lost. Your mail is still on the mail server.
pim-wiped-next = With a new invitation from your IT and your certificate you can set up this device again.
pim-register-again = Set up again

pim-restore-ordered = Your IT has deleted the key on this device. Your data is still here, but cannot be read. With the same certificate and a new invitation it becomes readable again.
pim-restore-passwords = The password was wrong too many times, so the key on this device was deleted. Your data is still here; with the same certificate it becomes readable again.
pim-restore-unknown = The key on this device was deleted. Your data is still here; with the same certificate it becomes readable again.
pim-restore-file-help = The same file (.p12 or .pfx) that this device was set up with.
pim-restore-link = Link of the new invitation
pim-restore-link-help = Ask your IT for an invitation; without one this device stays out of service.
pim-restore-do = Make it readable again
pim-restore-working = Cordon asks the server and puts the key back …
pim-restore-discard = Delete the data and set up again …
pim-restore-discard-ask = Give up the data on this device?
pim-restore-discard-text = It is deleted once the device is set up again. What was still waiting in the outbox is lost; everything else is on the mail server.
pim-restore-fault-blocked = Your IT has blocked this device. The key can be put back once the block is lifted.
pim-restore-fault-invitation = Your IT has taken this device out of service. Ask for a new invitation and paste its link here.
pim-restore-fault-certificate = The data on this device belongs to another certificate. Take the file that it was set up with.
pim-restore-fault-server = This invitation is not from the server that this device was set up with.
pim-restore-fault-wiped = Your IT has meanwhile ordered to delete everything. That is done.

## Registration

pim-register = Set up this device
pim-register-text = You need the invitation and the certificate file that your IT has given you.
pim-register-steps = Steps
pim-register-step-invitation = Invitation
pim-register-step-certificate = Certificate
pim-register-step-password = Password
pim-register-step-mail = Mail
pim-register-link = Invitation link
pim-register-link-help = Copy the whole link from the invitation, including everything after #.
pim-register-link-wrong = This is not a complete invitation link. It begins with https:// and contains /join#code=…
pim-register-server = Your company’s server:
pim-register-source = Your certificate
pim-register-source-file = In a file
pim-register-source-card = On the smart card
pim-register-source-card-help = The key stays on the card, which has to be in the reader while Cordon is open.
pim-register-card-opens = Cordon asks for the PIN of this card whenever you open it.
pim-register-fault-import = The file cannot be read in the import folder.
pim-register-file = Certificate file
pim-register-file-help = A file that ends in .p12 or .pfx.
pim-register-file-missing = Choose your certificate file.
pim-register-file-other = This is not a certificate file with a key (.p12 or .pfx).
pim-register-transport = Transport password of the file
pim-register-transport-help = It came with the file, often in a separate letter or message.
pim-register-transport-missing = Enter the transport password.
pim-register-password = New password
pim-register-password-help = It opens Cordon on this device. It is stored nowhere; without it the data cannot be read.
pim-register-password-weak = The password does not keep all rules yet.
pim-register-password-differs = The two passwords differ.
pim-register-repeat = Repeat the new password
pim-register-mail-help = With this password your mail is fetched. You can leave it empty and enter it later.
pim-register-do = Set up
pim-register-working = Setting up this device …
pim-register-working-text = Cordon proves your certificate to { $host }, receives the settings and builds the encrypted container. This takes a moment.
pim-register-fault-link = The invitation link cannot be read. Copy it again from the invitation.
pim-register-fault-expired = The invitation is no longer valid. Ask your IT for a new one.
pim-register-fault-used = The invitation was already used. Ask your IT for a new one.
pim-register-fault-unreachable = The server of your company cannot be reached. Check the connection and try again.
pim-register-fault-server = The server is not the one that the invitation names. Do not go on, and tell your IT.
pim-register-fault-licence = Your company has no free licence for another device. Tell your IT.
pim-register-fault-transport = The file does not open with this transport password.
pim-register-fault-damaged = The certificate file is damaged or holds no key.
pim-register-fault-several-keys = The certificate file holds several keys. Export the one for your mail alone and choose that file.
pim-register-fault-expensive = This certificate file would take far too long to open. Have it exported again with fewer iterations.
pim-register-fault-encryption = The certificate file is encrypted in a way that Cordon does not open. Have it exported again with AES-256 and one password.
pim-register-fault-certificate-missing = Your IT has not deposited a certificate for you at the server yet.
pim-register-fault-failed = Something went wrong on the server. Try again later, or tell your IT.
pim-register-fault-later = Too many attempts in a short time. Wait a few minutes and try again.
pim-register-fault-storage = The encrypted container could not be written. Check whether the disk is full.
pim-register-fault-certificate = The server does not accept this certificate for your invitation. Check that it is your own file.
pim-register-fault-certificate-expired = The certificate is not valid at present. Ask your IT for a new one.
pim-register-fault-weak = The new password does not keep the rules of your IT.
pim-register-fault-differ = The two passwords differ.
pim-register-fault-used-password = This password was in use before. Choose another one.
pim-rules = Rules for the password
pim-rule-length = at least { NUMBER($count) } characters
pim-rule-digit = a digit
pim-rule-letter = a letter
pim-rule-kinds = { NUMBER($count) } of: small letters, capitals, digits, others
pim-rule-no-sequences = no runs such as 1234 or aaaa
pim-rule-forbidden-words = no word that your IT forbids
pim-rule-upper-and-lower = upper and lower case
pim-rule-symbol = a special character
pim-rule-kept = (kept)
pim-rule-open = (not yet)

## Folders and list

pim-mail = Mail
pim-folders = Folders
pim-list = Messages
pim-reading = Message
pim-folder-inbox = Inbox
pim-folder-drafts = Drafts
pim-folder-sent = Sent
pim-folder-outbox = Outbox of the server
pim-folder-junk = Junk
pim-folder-deleted = Deleted
pim-folder-open = Open { $name }
pim-folder-close = Close { $name }
pim-folder-fetching = Not fetched yet
pim-folder-fetching-text = The messages of this folder appear here with the first synchronisation.
pim-first-sync = Your mail is on its way
pim-first-sync-text = The folders appear here with the first synchronisation. The newest messages come first.
pim-folder-empty = Nothing here
pim-folder-empty-text = New messages appear here as soon as they arrive.
pim-search = Search messages
pim-search-help = Words, "phrases", from:, to:, subject:, has:attachment, is:unread, before:2026-12-31, after:2026-01-01
pim-search-clear = Clear the search
pim-search-scope = Where to search
pim-search-all = All folders
pim-search-folder = This folder
pim-search-found = { $count ->
    [0] No results
    [one] One result
   *[other] { NUMBER($count) } results
}
pim-search-nothing = Nothing found
pim-search-nothing-text = Try fewer or other words.
pim-search-unindexed = { $count ->
    [one] One message is still being added to the search.
   *[other] { NUMBER($count) } messages are still being added to the search.
}
pim-message-count = { $count ->
    [one] One message
   *[other] { NUMBER($count) } messages
}
pim-unread-count = { NUMBER($count) } unread
pim-unread = Unread
pim-flagged = Flagged
pim-importance-high = High importance
pim-importance-low = Low importance
pim-attachments = { $count ->
    [one] One attachment
   *[other] { NUMBER($count) } attachments
}
pim-no-subject = (No subject)
pim-no-recipient = (No recipient)
pim-row-loading = Message { $number } is being loaded
pim-drafts-open = Being written
pim-draft-untitled = New message

## Message

pim-nothing-selected = No message selected
pim-nothing-selected-text = Choose one from the list, or press ? to see all keys.
pim-message-actions = Message actions
pim-answer-actions = Answer
pim-message-gone = This message is gone
pim-message-gone-text = It was moved or deleted elsewhere.
pim-no-body = This message has no text, or its text is not on this device yet.
pim-reply = Reply
pim-reply-all = Reply to all
pim-forward = Forward
pim-mark-read = Mark as read
pim-mark-unread = Mark as unread
pim-newer = Newer message
pim-older = Older message
pim-from = From
pim-to = To
pim-cc = Cc
pim-bcc = Bcc
pim-date = Date
pim-subject = Subject
pim-me = me
pim-to-names = To { $names }
pim-and-more = { $count ->
    [one] and one more
   *[other] and { NUMBER($count) } more
}
pim-show-details = Show all addresses
pim-write-to = Write to { $name }
pim-security = Signature and encryption
pim-security-details = Details
pim-smime-waiting = This message is signed or encrypted, and not all of it is on this device yet.
pim-not-opened = The message could not be opened. Its files can be saved as they came.
pim-signature-by = Signature of
pim-signature-unknown = unknown
pim-signature-time = According to the sender on
pim-signature-algorithm = Algorithm
pim-certificate-issuer = Certificate from
pim-certificate-until = Valid until
pim-certificate-fingerprint = Fingerprint
pim-sign = Sign
pim-encrypt = Encrypt
pim-encrypt-required = Your IT wants every message encrypted.
pim-certificates = Certificates
pim-certificates-none = No certificates
pim-certificates-none-text = Whoever writes signed messages to you appears here.
pim-certificates-import = Add certificates
pim-certificates-doubt = The message cannot be encrypted for everybody
pim-certificates-stuck = Your IT does not let it go like this. Take the recipients out, or add certificates.
pim-certificates-despite = Encrypt all the same
pim-certificates-plain = Send without encryption
pim-certificate-remove = Remove the certificate for { $address }
pim-certificate-from-directory = from the directory
pim-certificate-from-import = added by you
pim-certificate-from-ldap = by LDAP
pim-certificate-from-mail = from a message
pim-certificate-from-portal = from Cordon
pim-frame = Text of the message
pim-images-blocked = { $count ->
    [one] One remote image was blocked, so that the sender does not learn that you read this.
   *[other] { NUMBER($count) } remote images were blocked, so that the sender does not learn that you read this.
}
pim-images-forbidden = { $count ->
    [one] One remote image was blocked. Your IT does not allow loading it.
   *[other] { NUMBER($count) } remote images were blocked. Your IT does not allow loading them.
}
pim-images-unsafe = { $count ->
    [one] One remote image stays out: it could give the encrypted text away.
   *[other] { NUMBER($count) } remote images stay out: they could give the encrypted text away.
}
pim-images-load = Load images
pim-show-quote = Show quoted text
pim-hide-quote = Hide quoted text

## Attachments

pim-attachment = Attachment
pim-attachment-remote = still on the server
pim-file-place = { NUMBER($number) } of { NUMBER($total) }
pim-file-previous = Previous attachment
pim-file-next = Next attachment
pim-file-fetching = Fetching from the mail server …
pim-file-unsupported = No preview for this kind of file
pim-file-unsupported-text = Attachments open inside Cordon only, and Cordon cannot show this kind yet.
pim-file-damaged = This file cannot be shown
pim-file-damaged-text = It is damaged or is not what its name says.
pim-image-region = Image
pim-text-region = Text of { $name }
pim-table-region = Table { $name }
pim-table-count = { $rows } rows, { NUMBER($columns) } columns
pim-zoom = Zoom
pim-zoom-in = Larger
pim-zoom-out = Smaller
pim-zoom-fit = Fit
pim-zoom-width = Fit to width
pim-pdf-tools = Document
pim-pdf-contents = Contents
pim-pdf-page = Page { NUMBER($number) } of { NUMBER($total) }
pim-pdf-page-number = Page
pim-pdf-search = Search in document
pim-pdf-hits = { NUMBER($current) }/{ NUMBER($total) }
pim-pdf-no-hits = not found
pim-pdf-previous-hit = Previous match
pim-pdf-next-hit = Next match
pim-pdf-region = Pages of { $name }
pim-pdf-password = This document has a password
pim-pdf-password-wrong = This password is wrong.
pim-pdf-open = Open

## Write

pim-write = New message
pim-write-short = Write
pim-send = Send
pim-attach = Attach files
pim-discard = Discard
pim-drop = Drop files to attach them
pim-text = Text
pim-text-placeholder = Write your message …
pim-copies = Cc, Bcc
pim-suggestions = Suggestions
pim-address-bad = This is not a mail address
pim-address-edit = Change { $name }
pim-address-edit-bad = Not an address, change: { $text }
pim-address-remove = Remove { $name }
pim-address-missing = Enter at least one recipient.
pim-address-some-bad = Correct the marked recipients.
pim-file-failed = could not be fetched
pim-file-remove = Remove { $name }
pim-files-total = Together { $size }
pim-ask-subject = Send without a subject?
pim-ask-subject-text = A subject helps the recipient to find the message again.
pim-ask-attachment = Send without an attachment?
pim-ask-attachment-text = The text mentions an attachment, but there is none.
pim-ask-discard = Discard this message?
pim-ask-discard-text = What you have written will be lost.
pim-send-anyway = Send anyway
pim-keep-writing = Keep writing
pim-sent = The message is in the outbox and will be sent.
pim-quote-wrote = On { $date }, { $name } wrote:
pim-quote-forwarded = Forwarded message

## Outbox

pim-outbox = Outbox
pim-outbox-count = { $count ->
    [one] One message in the outbox
   *[other] { NUMBER($count) } messages in the outbox
}
pim-outbox-about = Messages are sent one after the other as soon as there is a connection.
pim-outbox-offline = There is no connection. These messages are sent when it is back.
pim-outbox-empty = Everything has been sent
pim-outbox-empty-text = Messages you write offline wait here until there is a connection.
pim-outbox-waiting = Waiting
pim-outbox-sending = Sending
pim-outbox-failed = Not sent
pim-outbox-discard = Discard “{ $subject }”
pim-outbox-ask = Discard this message?
pim-outbox-ask-text = It has not been sent and will be deleted.

## Synchronisation

pim-sync-now = Synchronise
pim-sync-fresh = Ready
pim-sync-idle = Up to date
pim-sync-syncing = Synchronising
pim-sync-offline = Offline
pim-sync-refused = Refused
pim-sync-error = Not synchronised
pim-sync-never = not yet synchronised
pim-sync-just-now = just now
pim-sync-last = last { $when }
pim-sync-progress = { $done } of { $total }
pim-sync-count = { $done } messages

## Notices

pim-banner-unreachable = The app does not answer at the moment. Trying again …
pim-banner-blocked = This device is blocked.
pim-banner-blocked-text = Your IT does not let it fetch or send mail. What is already here can be read until the app locks.
pim-banner-refused = The mail server turns this device away.
pim-banner-refused-text = Usually because IT has blocked it. What is already here can be read; ask your IT.
pim-banner-error = The last synchronisation failed.
pim-banner-sign-in = The mail server wants you to sign in with the browser.
pim-banner-signing-in = The app waits for your sign-in.
pim-sign-in = Sign in
pim-sign-in-open = Open the sign-in page
pim-cause-sign-in-failed = The sign-in did not succeed. Try again; if it stays so, tell your IT.
pim-sign-in-provider-unfit = The identity provider cannot be used as it is set up. Tell your IT.
pim-cause-sign-in-refused = The sign-in was refused.
pim-cause-sign-in-timeout = Nobody came back from the browser in time.
pim-cause-sign-in-unreachable = The identity provider does not answer. Try again later.
pim-banner-mail-password = The mail server asks for your mail password.
pim-warning-key-file = The second key of this device lies in a file, because the system offers no key store. Whoever copies the whole disk also copies that key.
pim-warning-other = The app warns: { $code }
pim-mail-password = Mail password
pim-mail-password-enter = Enter
pim-mail-password-text = The password of { $address } on the mail server. It is stored inside the encrypted container.
pim-mail-password-do = Save
pim-mail-password-kept = The mail password was saved.
pim-lock = Lock
pim-lock-now = Lock now
pim-lock-question = Lock and lose what you wrote?
pim-lock-question-text = These messages have not been sent. Locking removes everything readable from memory, and them too.
pim-lock-discard = Discard and lock
pim-idle = Cordon is about to lock
pim-idle-text = Nobody has used it for a while.
pim-idle-draft = Nobody has used it for a while. Unsent messages will be lost.
pim-idle-left = { $count ->
    [one] One second left
   *[other] { NUMBER($count) } seconds left
}
pim-idle-stay = Keep working

## Causes

pim-cause-attachments-forbidden = Your IT does not allow attachments on this device.
pim-cause-busy = The mail server is busy. The app tries again by itself.
pim-cause-connection-lost = There is no connection to the mail server. The app tries again by itself.
pim-cause-full = The mailbox on the mail server is full. What lies in it still arrives; it takes no changes before there is room again.
pim-cause-moved = The mail server says that the mailbox is elsewhere, and not where. Tell your IT.
pim-cause-moved-elsewhere = The mail server sends the app to a server outside of your company. No mail is fetched; tell your IT.
pim-cause-token-wanted = The mail server takes no passwords any more. Tell your IT.
pim-cause-not-delivered = After several attempts it is not certain that the mail server took it.
pim-cause-password-expired = The mail password has expired. Change it, then enter the new one here.
pim-cause-password-refused = The mail server does not accept the mail password.
pim-cause-provisioning = The mail server demands rules that this device cannot keep. Ask your IT.
pim-cause-recipient-refused = The mail server refused a recipient.
pim-cause-untrusted = The mail server cannot prove who it is. No mail is fetched; tell your IT.
pim-cause-version = The mail server does not speak a version that the app knows.
pim-cause-server = The mail server answered with an error ({ $code }).

## Keys

pim-shortcuts = Keyboard shortcuts
pim-shortcuts-help = Without them, arrow keys, Enter and Escape still work.
pim-keys-list = List
pim-keys-message = Message
pim-keys-page = Everywhere
pim-key-control = Ctrl
pim-key-home = Home
pim-key-end = End
pim-key-next = Next message
pim-key-previous = Previous message
pim-key-open = Open
pim-key-ends = First, last
pim-key-read = Read, unread
pim-key-inbox = Inbox

## Problems

pim-problem-bad-address = A recipient is not a mail address.
pim-problem-certificate-expired = Your certificate has expired, and your IT asks for a valid one. Ask your IT for a new certificate; your data stays as it is.
pim-problem-certificate-revocation-unknown = Your IT asks for a current revocation list for your certificate, and there is none. Go online and try again; if that does not help, ask your IT.
pim-problem-certificate-revoked = Your certificate was revoked. Ask your IT; your data stays as it is, encrypted.
pim-problem-certificate-untrusted = Your certificate is not from an authority that your IT trusts. Ask your IT; your data stays as it is.
pim-problem-certificate-unusable = Your certificate is not what your IT asks for. Ask your IT; your data stays as it is.
pim-problem-certificates = Some recipients have no certificate that can be used.
pim-problem-encryption-required = Your IT wants every message encrypted.
pim-problem-not-a-certificate = The file is no certificate.
pim-problem-not-protected = The message could not be signed or encrypted.
pim-problem-signing-certificate-expired = Your certificate for signing has ended. Ask your IT for a new one, or switch off “Sign” to send this message without a signature.
pim-problem-signing-certificate-missing = You have no certificate for signing: yours is for encryption alone, and your card holds no other one. Ask your IT, or switch off “Sign” to send this message without a signature.
pim-problem-signing-certificate-revoked = Your certificate for signing was revoked, so nobody would believe the signature. Ask your IT, or switch off “Sign” to send this message without a signature.
pim-problem-damaged = The encrypted container on this device is damaged. Tell your IT; your mail is still on the mail server.
pim-problem-device-key = The key store of this computer does not hand out the key now. Unlock the system’s key ring and try again.
pim-problem-gone = It is no longer there. It was probably moved or deleted elsewhere.
pim-problem-larger = It is larger than the { NUMBER($limit) } MiB that your IT allows.
pim-problem-locked = The app has been locked.
pim-problem-no-recipient = Enter at least one recipient.
pim-problem-offline = There is no connection to the mail server.
pim-problem-refused = The mail server refused it.
pim-problem-storage = The disk of this device refused. Check whether it is full.
pim-problem-too-large = It is larger than your IT allows.
pim-problem-unreachable = The app on this device does not answer.
pim-problem-other = That did not work: { $code }
