<?php
/*
 * What Horde's implementation of the protocol's server side makes of a document. Debian's package php-horde-activesync.
 *
 * usage: php horde.php names                      its name of each element, one a line: page, token, name
 *        php horde.php outline < DOCUMENT         names and texts in their order, one a line, as JSON strings
 *        php horde.php message CLASS TAG COMMAND < DOCUMENT
 *            reads the content of the first TAG as the message CLASS of version 16.0, which checks it as part of COMMAND;
 *            prints its properties as JSON, and on the next line, in hexadecimal, the document that Horde makes of them again
 */
error_reporting(E_ALL & ~E_DEPRECATED & ~E_NOTICE & ~E_WARNING);
date_default_timezone_set('UTC');
// Horde forgets the quotes in one place. PHP 7 took the name, PHP 8 refuses it.
define('Horde_ActiveSync_Message_AirSyncBaseLocation', 'Horde_ActiveSync_Message_AirSyncBaseLocation');
spl_autoload_register(function ($class) {
    $file = stream_resolve_include_path(strtr($class, '_', '/') . '.php');
    if ($file) {
        require $file;
    }
});

/** Horde says in its log what it does not say in its exceptions. */
$problems = new Horde_Log_Handler_Mock();
$logger = new Horde_ActiveSync_Log_Logger($problems);

function decoder()
{
    global $logger;
    $decoder = new Horde_ActiveSync_Wbxml_Decoder(fopen('php://stdin', 'rb'));
    $decoder->setLogger($logger);
    $decoder->readWbxmlHeader();
    if (!$decoder->isWbxml()) {
        throw new Exception('this is no WBXML');
    }
    return $decoder;
}

function names()
{
    $tables = (new ReflectionClass('Horde_ActiveSync_Wbxml'))->getDefaultProperties()['_dtd'];
    foreach ($tables['codes'] as $page => $names) {
        $namespace = isset($tables['namespaces'][$page]) ? $tables['namespaces'][$page] . ':' : '';
        foreach ($names as $token => $name) {
            printf("%d %d %s%s\n", $page, $token, $namespace, $name);
        }
    }
}

function outline($decoder)
{
    while ($token = $decoder->getToken()) {
        switch ($token[Horde_ActiveSync_Wbxml::EN_TYPE]) {
        case Horde_ActiveSync_Wbxml::EN_TYPE_STARTTAG:
            echo json_encode('<' . $token[Horde_ActiveSync_Wbxml::EN_TAG]), "\n";
            break;
        case Horde_ActiveSync_Wbxml::EN_TYPE_CONTENT:
            echo json_encode($token[Horde_ActiveSync_Wbxml::EN_CONTENT], JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
            break;
        }
    }
}

/** What was said of a message, without what Horde puts there by itself. */
function properties($value)
{
    if ($value instanceof Horde_Date) {
        return gmdate('Y-m-d\TH:i:s\Z', $value->timestamp());
    }
    if ($value instanceof Horde_ActiveSync_Message_Base) {
        $property = new ReflectionProperty('Horde_ActiveSync_Message_Base', '_properties');
        $property->setAccessible(true);
        // Some are kept beside the others.
        $public = array_diff_key(get_object_vars($value), ['flags' => 0, 'commandType' => 0]);
        $value = $public + $property->getValue($value);
        ksort($value);
    }
    if (is_array($value)) {
        $value = array_map('properties', $value);
        return array_filter($value, fn ($one) => $one !== false && $one !== null && $one !== []);
    }
    if (is_resource($value)) {
        rewind($value);
        $value = stream_get_contents($value);
    }
    if (is_string($value) && preg_match('//u', $value) !== 1) {
        return ['hexadecimal' => bin2hex($value)];
    }
    return $value;
}

function message($decoder, $class, $tag, $command)
{
    $around = [];
    do {
        $token = $decoder->getToken();
        if (!$token) {
            throw new Exception("there is no $tag");
        }
        if ($token[Horde_ActiveSync_Wbxml::EN_TYPE] == Horde_ActiveSync_Wbxml::EN_TYPE_STARTTAG) {
            $around[] = $token[Horde_ActiveSync_Wbxml::EN_TAG];
        } elseif ($token[Horde_ActiveSync_Wbxml::EN_TYPE] == Horde_ActiveSync_Wbxml::EN_TYPE_ENDTAG) {
            array_pop($around);
        }
    } while (end($around) !== $tag);

    global $logger;
    $class = "Horde_ActiveSync_Message_$class";
    $message = new $class(['protocolversion' => Horde_ActiveSync::VERSION_SIXTEEN, 'logger' => $logger]);
    $message->commandType = $command;
    $message->decodeStream($decoder);
    echo json_encode(properties($message), JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR), "\n";

    $output = fopen('php://temp', 'r+b');
    $encoder = new Horde_ActiveSync_Wbxml_Encoder($output);
    $encoder->setLogger($logger);
    $encoder->startWBXML();
    foreach ($around as $one) {
        $encoder->startTag($one);
    }
    $message->encodeStream($encoder);
    foreach ($around as $one) {
        $encoder->endTag();
    }
    rewind($output);
    echo bin2hex(stream_get_contents($output)), "\n";
}

try {
    switch ($argv[1] ?? '') {
    case 'names':
        names();
        break;
    case 'outline':
        outline(decoder());
        break;
    case 'message':
        message(decoder(), $argv[2], $argv[3], $argv[4]);
        break;
    default:
        throw new Exception('usage: php horde.php names|outline|message');
    }
} catch (Throwable $error) {
    fwrite(STDERR, get_class($error) . ': ' . $error->getMessage() . "\n");
    foreach ($problems->events as $event) {
        if ($event['level'] <= Horde_Log::ERR) {
            fwrite(STDERR, $event['message'] . "\n");
        }
    }
    exit(1);
}
