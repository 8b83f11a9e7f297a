/* libwbxml on the same documents: MB of WBXML for each second of processor time, to XML and back, one line each. usage: peer FILE SECONDS */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wbxml/wbxml.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void check(WBXMLError error) {
  if (error != WBXML_OK) {
    fprintf(stderr, "libwbxml: %s\n", (const char *)wbxml_errors_string(error));
    exit(1);
  }
}

int main(int argc, char **argv) {
  if (argc != 3) return 2;
  FILE *file = fopen(argv[1], "rb");
  if (!file) return perror(argv[1]), 1;
  fseek(file, 0, SEEK_END);
  WB_ULONG size = ftell(file);
  rewind(file);
  WB_UTINY *document = malloc(size);
  if (fread(document, 1, size, file) != size) return 1;
  double seconds = atof(argv[2]);

  WBXMLConvWBXML2XML *decoder;
  check(wbxml_conv_wbxml2xml_create(&decoder));
  wbxml_conv_wbxml2xml_set_language(decoder, WBXML_LANG_ACTIVESYNC);
  wbxml_conv_wbxml2xml_set_gen_type(decoder, WBXML_GEN_XML_INDENT);
  WB_UTINY *xml = NULL;
  WB_ULONG xml_size = 0;
  int rounds = 0;
  double start = now();
  do {
    free(xml);
    check(wbxml_conv_wbxml2xml_run(decoder, document, size, &xml, &xml_size));
    rounds++;
  } while (now() - start < seconds);
  printf("decode %.1f\n", rounds * (size / 1e6) / (now() - start));

  WBXMLConvXML2WBXML *encoder;
  check(wbxml_conv_xml2wbxml_create(&encoder));
  wbxml_conv_xml2wbxml_disable_string_table(encoder);
  wbxml_conv_xml2wbxml_disable_public_id(encoder);
  WB_UTINY *again = NULL;
  WB_ULONG again_size = 0;
  rounds = 0;
  start = now();
  do {
    free(again);
    check(wbxml_conv_xml2wbxml_run(encoder, xml, xml_size, &again, &again_size));
    rounds++;
  } while (now() - start < seconds);
  printf("encode %.1f\n", rounds * (size / 1e6) / (now() - start));
  return 0;
}
