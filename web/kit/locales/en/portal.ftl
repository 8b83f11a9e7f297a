## Frame
portal-navigation = Main navigation
portal-menu = Menu
portal-account = Account
portal-overview = Overview
portal-devices = Devices
portal-people = People
portal-groups = Groups
portal-invitations = Invitations
portal-refusals = Gateway refusals
portal-audit = Audit log
portal-administrators = Administrators
portal-version = Cordon { $version }
portal-licences = Licences of included software
portal-not-found = Not found
portal-not-found-title = There is nothing at this address
portal-not-found-text = What was here may have been removed, or the link is incomplete.

## Keyboard and palette
portal-key-mod = Ctrl
portal-palette-open = Search or jump to
portal-palette-short = Search
portal-palette-hint = Search for devices, people and pages
portal-palette-places = Pages
portal-palette-actions = Actions
portal-palette-nothing = Nothing fits. Try a name, an address or a model.
portal-shortcuts = Keyboard shortcuts
portal-shortcuts-general = Everywhere
portal-shortcuts-go = Go to
portal-shortcut-search = Search this list
portal-shortcut-rows = Next and previous row

## Sign-in
portal-sign-in = Sign in
portal-sign-in-title = Sign in to Cordon
portal-sign-out = Sign out
portal-administrator = Administrator
portal-password = Password
portal-name-needed = Enter your name.
portal-password-needed = Enter your password.
portal-password-change = Change password
portal-password-current = Current password
portal-password-new = New password
portal-password-again = New password once more
portal-password-help = At least 12 characters, for instance four words.
portal-password-differs = The two passwords differ.
portal-password-signs-out = You will be signed out everywhere and sign in with the new password.
portal-password-changed = The password is changed. Sign in with the new one.
portal-session-ended = Your session has ended. Sign in again to go on where you were.
portal-locked-out = Too many wrong passwords
portal-locked-out-text = For protection, the next attempt is possible when the time below is over.

## Words used in many places
portal-device = Device
portal-person = Person
portal-group = Group
portal-owner = Owner
portal-name = Name
portal-state = State
portal-system = System
portal-model = Model
portal-address = Mail address
portal-addresses = Mail addresses
portal-login = Login name
portal-certificate = Certificate
portal-last-seen = Last seen
portal-never = never
portal-time = Time
portal-id = Identifier
portal-actions = Actions
portal-edit = Edit
portal-rename = Rename
portal-more = More actions
portal-remove = Remove
portal-remove-ask = Remove “{ $name }”?
portal-save = Save
portal-discard = Discard
portal-done = Done
portal-facts = Facts
portal-history = History
portal-history-more = Show { NUMBER($count) } more
portal-field-needed = This field is needed.
portal-from-until = { $from } to { $until }
portal-search-clear = Clear the search
portal-filter-state = Filter by state
portal-filter-all = All
portal-filter-clear = Clear filters
portal-filter-group = Group: { $group }
portal-none-found-text = Change the search or the filters, or clear them.
portal-unit-seconds = seconds
portal-unit-minutes = minutes
portal-unit-hours = hours
portal-unit-characters = characters
portal-unit-of = Unit of “{ $field }”

## States
portal-state-registered = In service
portal-state-blocked = Blocked
portal-state-wiped = Wiped
portal-state-invited = Invited
portal-state-retired = Retired
portal-standing-open = Open
portal-standing-used = Used
portal-standing-expired = Expired
portal-standing-closed = Closed
portal-standing-revoked = Revoked

## Overview
portal-figure-licence = Devices in service
portal-figure-licence-left =
    { $count ->
        [0] No licence left
        [one] 1 licence left
       *[other] { NUMBER($count) } licences left
    }
portal-figure-blocked = Blocked devices
portal-figure-invitations = Open invitations
portal-figure-refusals = Refusals (1 h)
portal-recent = Recent activity
portal-by-state = Devices by state
portal-first = Your first device
portal-first-text = Five steps until the first person reads mail in the app.
portal-first-done = Done
portal-first-group = Set up a group
portal-first-group-text = Its settings decide how the app behaves for everybody in it.
portal-first-group-action = Open groups
portal-first-person = Add a person
portal-first-person-text = With the login name and the addresses the mail server knows.
portal-first-person-action = Add person
portal-first-certificate = Deposit a certificate
portal-first-certificate-text = The app proves that it holds the key. Open the person and drop the file.
portal-first-certificate-action = Open people
portal-first-invite = Send an invitation
portal-first-invite-text = As a link or a QR code for the person’s device.
portal-first-invite-action = Invite
portal-first-device = Wait for the device
portal-first-device-text = It appears under Devices as soon as it is registered.

## Devices
portal-devices-search = Search devices
portal-devices-empty = No devices yet
portal-devices-empty-text = Devices appear here once a person has accepted an invitation in the app.
portal-devices-none-found = No device fits
portal-device-unknown = unknown device
portal-device-add = Add device without the app
portal-device-add-do = Add device
portal-device-add-text = For another mail program that speaks ActiveSync. It can be blocked, but not wiped.
portal-device-added = { $name } was added.
portal-device-rename = Rename device
portal-device-renamed = The device was renamed.
portal-client = Mail program
portal-client-app = Cordon app
portal-client-native = Another mail program, without the app
portal-registered-at = Registered
portal-eas-id = ActiveSync identifier
portal-eas-id-help = As the device shows it in its mail account, and in the list of gateway refusals after it tried to connect.
portal-certificate-until = Certificate valid until
portal-certificate-serial = Serial number
portal-certificate-fingerprint = Fingerprint (SHA-256)
portal-blocked-title = Blocked { $when }
portal-invited-title = Waiting for its registration
portal-invited-text = The owner holds an invitation that has not been accepted yet.
portal-retired-title = Out of service since { $when }
portal-retired-text = The device counts towards no licence. To use it again, its owner needs another invitation.
portal-wipe-title-key = The key is to be wiped
portal-wipe-title-data = All data is to be wiped
portal-wipe-waiting = Ordered { $when }. The device obeys as soon as it is reachable; until then it gets no mail.
portal-wipe-confirmed = The device confirmed the wipe: { $when }.

portal-danger = Danger zone
portal-block = Block
portal-block-title = Block this device
portal-block-text = It gets no more mail, within a second, until it is unblocked. Its data stays.
portal-block-ask = Block “{ $device }”?
portal-blocked = The device is blocked.
portal-reason = Reason
portal-reason-help = Shown to the owner in the app and recorded in the audit log.
portal-reason-needed = State a reason.
portal-unblock = Unblock
portal-unblocked = The device is unblocked.
portal-state-owner-blocked = Person blocked
portal-owner-blocked-title = Blocked through { $person }, { $when }
portal-owner-blocked-link = Go to the person
portal-wipe = Wipe …
portal-wipe-title = Wipe this device
portal-wipe-text = Destroys the key or all company data on it. This cannot be taken back.
portal-wipe-ask = Wipe “{ $device }”?
portal-wipe-scope = The order goes to one device of { $owner } and cannot be taken back.
portal-wipe-what = What is destroyed
portal-wipe-key = The key
portal-wipe-key-text = The data stays on the device, unreadable. The person can import the certificate again and register anew.
portal-wipe-data = All data
portal-wipe-data-text = Mail, attachments and key are removed from the device.
portal-wipe-confirm = Type “{ $device }” to confirm
portal-wipe-button-key = Wipe the key
portal-wipe-button-data = Wipe all data
portal-wipe-ordered = The wipe is ordered.
portal-retire = Retire
portal-retire-title = Retire this device
portal-retire-text = Takes it out of service for good and frees its licence.
portal-retire-ask = Retire “{ $device }”?
portal-retire-unwiped = The data in the app is not removed by this. Wipe the device first if it is lost or leaves the company.
portal-retire-final = A retired device cannot be taken back into service; it has to be registered again.
portal-retired = The device is retired.
portal-retire-give-up = Give up the wipe and retire
portal-retire-give-up-title = The wipe is not confirmed
portal-retire-give-up-text = Once retired, the device can never be told to wipe, even if it comes back. Do this only if it is destroyed or its data may stay on it. Until then it takes no licence and gets no mail.

## People
portal-people-search = Search by name or address
portal-people-empty = No people yet
portal-people-empty-text = Add the people who may read their mail in the app. Each gets an invitation for a device.
portal-people-none-found = Nobody fits
portal-person-add = Add person
portal-person-added = { $name } was added.
portal-person-edit = Edit person
portal-person-changed = The person was changed.
portal-person-needed = Choose a person.
portal-person-remove = Remove person
portal-person-remove-text = Retired devices go too. Devices in service and open invitations have to be ended first.
portal-person-removed = The person was removed.
portal-person-block = Block person
portal-person-block-text = None of their devices gets mail any more, within a second, and they get no invitations. Their data stays.
portal-person-blocked = The person is blocked.
portal-person-unblocked = The person is unblocked.
portal-person-blocked-title = Blocked { $when } by { $by }
portal-person-blocked-text = All devices of this person are refused. Once unblocked, each has its own state again, without a new registration.
portal-person-devices-empty = No devices
portal-person-devices-empty-text = Send an invitation, and the device appears here.
portal-login-help = What the person signs in to the mail server with.
portal-addresses-help = One per line, the one to send from first.
portal-group-help = Decides on the app’s settings.
portal-certificate-none = None
portal-certificate-valid = Valid
portal-certificate-expired = Expired
portal-certificate-ends = Ends { $when }
portal-certificate-subject = Issued to
portal-certificate-validity = Valid
portal-certificate-download = Download certificate
portal-certificate-deposit = Deposit a certificate
portal-certificate-replace = Replace the certificate
portal-certificate-deposited = The certificate is deposited.
portal-certificate-help = PEM or DER, without the private key. It must name one of the person’s addresses.
portal-certificate-why = The registration of a device is encrypted for this certificate. Without one, the person cannot register.

## Groups and settings
portal-groups-lead = A group holds the settings of the app for its people.
portal-groups-empty = No groups yet
portal-groups-empty-text = A group holds the settings of the app. Every person belongs to one.
portal-group-add = Add group
portal-group-added = { $name } was added.
portal-group-rename = Rename group
portal-group-renamed = The group was renamed.
portal-group-remove = Remove group
portal-group-remove-text = Only a group without people can be removed. Its settings are lost.
portal-group-removed = The group was removed.
portal-group-name-help = It starts with sensible settings, which you can change next.
portal-group-people =
    { $count ->
        [one] 1 person
       *[other] { NUMBER($count) } people
    }
portal-revision = Revision
portal-settings-changed = Settings changed
portal-settings-revision = Revision { NUMBER($revision) } of the settings, changed { $when }
portal-settings-saved = Saved as revision { NUMBER($revision) }. Devices fetch it at once.
portal-settings-unsaved = Changes are not saved yet.
portal-settings-all-saved = Everything is saved.
portal-settings-invalid =
    { $count ->
        [one] One setting cannot be put in force. It is marked below.
       *[other] { NUMBER($count) } settings cannot be put in force. They are marked below.
    }
portal-settings-conflict = Somebody else changed these settings
portal-settings-conflict-text = Your changes were not saved, so that theirs are not lost. Load the current settings and make your changes again.
portal-settings-reload = Load current settings
portal-settings-mail = Mail
portal-settings-mail-text = Where mail comes from and how much of it is kept on a device.
portal-setting-server = Mail gateway
portal-setting-server-help = Name of the gateway as devices reach it, with a port if it is not 443.
portal-setting-days = Mail on the device
portal-setting-days-help = Older mail stays on the server.
portal-setting-days-all = All mail
portal-setting-days-count =
    { $count ->
        [one] The last day
       *[other] The last { NUMBER($count) } days
    }
portal-setting-version = Newest protocol version
portal-setting-version-help = For mail servers that misbehave with a newer ActiveSync than this.
portal-setting-version-any = The newest of both sides
portal-setting-sign-in = Sign-in
portal-setting-sign-in-help = How people sign in to the mail server.
portal-setting-sign-in-password = Mailbox password
portal-setting-sign-in-oauth = In the browser
portal-setting-issuer = Identity provider
portal-setting-issuer-help = Its address, beginning with https://. Empty if the mail server names it.
portal-setting-client-id = Client ID
portal-setting-client-id-help = The name under which the identity provider knows the app, as a native app with the address http://127.0.0.1/signed-in.
portal-setting-scopes = Scopes
portal-setting-scopes-help = What is asked of the identity provider, with blanks between. Without offline_access people sign in often.
portal-settings-container = Container
portal-settings-container-text = How the encrypted store on the device is protected.
portal-setting-lock = Lock after
portal-setting-lock-help = Time without use until the app locks itself: 30 seconds to 24 hours.
portal-setting-wrong = Wrong passwords
portal-setting-wrong-help = After so many in a row the key is destroyed: 3 to 20.
portal-setting-password = Password rules
portal-setting-password-help = They hold for passwords that are chosen from then on.
portal-setting-length = Minimum length
portal-setting-digit = At least one digit
portal-setting-case = Capital and small letters
portal-setting-symbol = At least one symbol
portal-settings-viewing = Viewing
portal-settings-viewing-text = What the app shows and fetches of a message.
portal-setting-images = Images from the internet
portal-setting-images-help = They tell the sender that and where a message was opened.
portal-setting-images-never = Never load
portal-setting-images-ask = Ask each time
portal-setting-attachment = Largest attachment
portal-setting-attachment-help = Larger ones are not fetched to the device: 1 to 1024 MiB.
portal-settings-status = Contact
portal-settings-status-text = How often a device reports when nothing else happens.
portal-setting-interval = Report every
portal-setting-interval-help = Blocks and wipes reach an open app at once, whatever is set here: 1 minute to 24 hours.
portal-violation-range = Choose a value from { $from } to { $to }.
portal-violation-server = Enter a host name or an address, with a port if need be: mail.example.com:8443
portal-violation-issuer = Begin with https://, and leave out ? and #. Leave it empty if the mail server names the provider.
portal-violation-client-id = Enter the name under which the identity provider knows the app.
portal-violation-client-id-form = At most 256 characters, without umlauts and other special letters.
portal-violation-scopes = Scopes with blanks between, without quotation marks: openid offline_access

## Invitations
portal-invitations-lead = An invitation lets one person register one device.
portal-invitations-empty = No open invitations
portal-invitations-never = No invitations yet
portal-invitations-empty-text = Invite a person, and hand over the link or the QR code.
portal-invitations-all = Show all
portal-invite = Invite
portal-invite-person = Invite { $person }
portal-invite-text = For one device. The person opens the link or scans the code with the app.
portal-invite-make = Create invitation
portal-invite-device = Name of the device
portal-invite-device-help = The person’s name without it.
portal-invite-no-certificate = No certificate is deposited for this person yet; the registration will fail without one.
portal-invite-will-fail = As things stand, the registration will be refused
portal-valid = Valid for
portal-valid-help = After that, the link leads nowhere.
portal-valid-hours =
    { $count ->
        [one] 1 hour
       *[other] { NUMBER($count) } hours
    }
portal-valid-days =
    { $count ->
        [one] 1 day
       *[other] { NUMBER($count) } days
    }
portal-invitation-ready = Invitation for { $person }
portal-invitation-qr = QR code of the invitation link
portal-invitation-step-app = Start the Cordon app on the device.
portal-invitation-step-scan = Scan this code or paste the link.
portal-invitation-step-certificate = Choose the certificate file (.p12) and a new password.
portal-invitation-copy = Copy link
portal-invitation-once = The link is shown only this once and is valid until { $when }. Hand it to nobody but the person.
portal-invitation-revoked = The invitation is revoked.
portal-invited-by = Invited by
portal-expires = Expires
portal-revoke = Revoke
portal-revoke-ask = Revoke the invitation?
portal-revoke-text = The link that { $person } got stops working at once.

## Gateway
portal-refusals-lead = Requests that did not reach the mail server, with the rule and the fact that decided. Newest first, from memory.
portal-refusals-empty = Nothing was refused
portal-refusals-empty-text = Requests from unknown, blocked or foreign devices appear here the moment they are refused.
portal-rule = Rule
portal-fact = Fact
portal-rule-certificate-missing = The device’s certificate was not shown
portal-rule-certificate-of-another = A certificate of another device was shown
portal-rule-device-blocked = The device is blocked
portal-rule-device-retired = The device is retired
portal-rule-device-wiped = The device has been told to wipe
portal-rule-owner-blocked = The owner of the device is blocked
portal-rule-feed-lost = The gateway does not know the current state
portal-rule-malformed-request = The request could not be read
portal-rule-sign-in-scheme = The sign-in method is not supported
portal-rule-sign-in-unreadable = The sign-in does not tell who it is
portal-rule-unknown-device = The device is not known
portal-rule-user-of-another-device = The person does not own this device

## Audit log
portal-audit-lead = Who did what, to what, when, and how it ended. Newest first.
portal-audit-empty = Nothing has happened yet
portal-audit-none-found = No event fits
portal-audit-any-action = All actions
portal-action = Action
portal-subject = Subject
portal-actor = By
portal-outcome = Outcome
portal-done-state = Done
portal-refused = Refused
portal-actor-command-line = { $name } (command line)
portal-actor-device = The device
portal-actor-invitation = Holder of the invitation
portal-actor-server = The server
portal-actor-visitor = Not signed in
portal-subject-administrator = Administrator
portal-subject-device = Device
portal-subject-group = Group
portal-subject-invitation = Invitation
portal-subject-server = The server
portal-subject-user = Person
portal-detail-peer = From
portal-detail-registration = Registration
portal-detail-wrong-answers = Wrong answers
portal-action-administrator-create = New administrator
portal-action-administrator-password = Administrator password
portal-action-administrator-remove = Removal of an administrator
portal-action-administrator-sign-in = Sign-in
portal-action-administrator-sign-out = Sign-out
portal-action-device-add = New device without the app
portal-action-device-block = Block
portal-action-device-confirm-wipe = Confirmation of the wipe
portal-action-device-rename = New device name
portal-action-device-retire = Retirement
portal-action-device-unblock = Unblocking
portal-action-device-wipe = Wipe order
portal-action-group-create = New group
portal-action-group-remove = Removal of a group
portal-action-group-rename = New group name
portal-action-group-settings = Group settings
portal-action-invitation-create = Invitation
portal-action-invitation-revoke = Revocation of an invitation
portal-action-registration-finish = Registration
portal-action-registration-start = Start of a registration
portal-action-server-initialise = Set-up of the server
portal-action-user-certificate = Certificate deposit
portal-action-user-block = Blocking of a person
portal-action-user-unblock = Unblocking of a person
portal-action-user-change = Change of a person
portal-action-user-create = New person
portal-action-user-remove = Removal of a person

## Problems
portal-problem-address-taken = Another person has one of these addresses.
portal-problem-already-blocked = It is blocked already.
portal-problem-already-confirmed = The wipe is confirmed already.
portal-problem-already-ordered = The device has been told to wipe already.
portal-problem-already-retired = The device is retired already.
portal-problem-already-revoked = The invitation is revoked already.
portal-problem-certificate-expired = This certificate has expired. Deposit the person’s current one.
portal-problem-certificate-foreign-address = This certificate names none of the person’s addresses. Add the address to the person, or choose the right certificate.
portal-problem-certificate-key-not-rsa = The certificate’s key is not an RSA key. The app needs RSA with at least 2048 bits.
portal-problem-certificate-key-too-short = The certificate’s RSA key is shorter than 2048 bits.
portal-problem-certificate-not-yet-valid = This certificate is not valid yet.
portal-problem-certificate-unreadable = This is not a certificate in PEM or DER. Export it without the private key.
portal-problem-challenge-expired = The answer came too late.
portal-problem-confirmation-differs = The typed name is not that of the device.
portal-problem-eas-id-taken = Another device has this identifier. Retire it first if it is the same one.
portal-problem-has-devices = This person has devices or open invitations. Retire the devices and revoke the invitations first.
portal-problem-has-people = There are people in this group. Move them to another group first.
portal-problem-invalid-settings = Some settings cannot be obeyed.
portal-problem-invitation-closed = The invitation was closed after too many wrong answers. Check the person’s certificate and invite again.
portal-problem-invitation-expired = The invitation has expired.
portal-problem-invitation-revoked = The invitation was revoked.
portal-problem-invitation-used = A device was registered with this invitation already.
portal-problem-last-administrator = The last administrator cannot be removed.
portal-problem-own-account = This is your own account; let another administrator remove it.
portal-problem-password-unchanged = The new password is the old one; choose another one.
portal-problem-user-blocked = The person is blocked and gets no devices; unblock them first.
portal-problem-user-certificate-expired = The certificate deposited for the person has expired; deposit the current one first.
portal-problem-user-certificate-missing = No certificate is deposited for the person; deposit theirs first.
portal-problem-user-certificate-not-yet-valid = The certificate deposited for the person is not valid yet.
portal-problem-wipe-unconfirmed = The device has not confirmed its wipe, and could not be told any more once it is retired.
portal-problem-wrong-current-password = The current password is wrong.
portal-detail-warning = Warning
portal-detail-wipe-unconfirmed = Unconfirmed wipe
portal-problem-licence-exhausted = All licensed devices are in use. Retire one that is no longer needed, or extend the licence.
portal-problem-locked-out = Too many passwords were wrong.
portal-problem-login-taken = Another person has this login name.
portal-problem-more-ordered = Only the key was wiped, but the data was to be wiped too.
portal-problem-name-taken = This name is taken.
portal-problem-name-unchanged = It has this name already.
portal-problem-no-address = A person needs at least one mail address.
portal-problem-not-a-mail-address = This is not a mail address. Write it as name@domain.
portal-problem-not-an-eas-id = An identifier has 1 to 32 letters and digits.
portal-problem-not-blocked = It is not blocked.
portal-problem-not-invited = The invitation has been used already.
portal-problem-not-ordered = No wipe was ordered.
portal-problem-not-registered = The device is not registered yet. Revoke its invitation instead.
portal-problem-other-connection = The answer came over another connection.
portal-problem-password-contains-name = The password contains the name.
portal-problem-password-too-long = The password is too long.
portal-problem-password-too-short = The password is too short.
portal-problem-password-too-uniform = The password repeats too few characters.
portal-problem-retired = The device is retired.
portal-problem-settings-outdated = Somebody else saved another revision meanwhile.
portal-problem-settings-unchanged = These settings are in force already.
portal-problem-text-blank = Write this as one word, without blanks.
portal-problem-text-control = Write this on one line.
portal-problem-text-empty = This field is needed.
portal-problem-text-too-long = This is too long.
portal-problem-too-many-addresses = A person has 50 addresses at most.
portal-problem-too-many-requests = Too many attempts came from this address. Wait a little.
portal-problem-unknown-administrator = This administrator does not exist.
portal-problem-unknown-challenge = The challenge is not known, or was answered before.
portal-problem-unknown-device = This device no longer exists.
portal-problem-unknown-group = This group no longer exists.
portal-problem-unknown-invitation = This invitation no longer exists.
portal-problem-unknown-user = This person no longer exists.
portal-problem-validity-out-of-range = An invitation can be good for 1 minute to 30 days.
portal-problem-wiped = The device has been told to wipe.
portal-problem-without-app = The device does not run the app, which alone could obey.
portal-problem-wrong-answer = The answer to the challenge was wrong.
portal-problem-wrong-device-key = The device did not prove its key.
portal-problem-wrong-name-or-password = The name or the password is wrong.

## Administrators
portal-administrators-lead = Everybody listed here may do everything in this console.
portal-administrator-add = Add administrator
portal-administrator-add-text = Hand the password over yourself; they change it after they have signed in.
portal-administrator-name-help = One word; the audit log names them by it.
portal-administrator-added = { $name } can sign in.
portal-administrator-since = Since
portal-administrator-own = You
portal-administrator-remove = Remove administrator
portal-administrator-remove-text = They are signed out at once and cannot sign in any more.
portal-administrator-removed = The administrator is removed.
