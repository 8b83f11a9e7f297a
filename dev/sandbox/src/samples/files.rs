//! Small files that real programs open: PDF, PNG, CSV and text, written byte by byte.

/// Makes a PDF with one page per entry of `pages`, set in Helvetica. Letters beyond Latin-1 become question marks.
pub(crate) fn pdf(title: &str, pages: &[Vec<String>]) -> Vec<u8> {
    let mut objects = vec![b"<< /Type /Catalog /Pages 2 0 R >>".to_vec()];
    let kids: Vec<_> = (0..pages.len()).map(|page| format!("{} 0 R", 4 + page * 2)).collect();
    objects.push(
        format!("<< /Type /Pages /Count {} /Kids [{}] >>", pages.len(), kids.join(" "))
            .into_bytes(),
    );
    objects.push(
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
            .to_vec(),
    );
    for (number, lines) in pages.iter().enumerate() {
        let content = page_content(title, number + 1, lines);
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R \
                 /Resources << /Font << /F1 3 0 R >> >> >>",
                5 + number * 2
            )
            .into_bytes(),
        );
        let mut stream = format!("<< /Length {} >>\nstream\n", content.len()).into_bytes();
        stream.extend(content);
        stream.extend(b"\nendstream");
        objects.push(stream);
    }
    assemble(&objects)
}

fn page_content(title: &str, number: usize, lines: &[String]) -> Vec<u8> {
    let mut content = b"0.1 0.3 0.6 rg 50 790 495 2 re f 0 g\nBT /F1 18 Tf 50 800 Td (".to_vec();
    content.extend(escaped(title));
    content.extend(b") Tj ET\nBT /F1 11 Tf 50 760 Td 15 TL\n");
    for line in lines {
        content.push(b'(');
        content.extend(escaped(line));
        content.extend(b") Tj T*\n");
    }
    content.extend(format!("ET\nBT /F1 9 Tf 290 30 Td ({number}) Tj ET").into_bytes());
    content
}

fn escaped(text: &str) -> Vec<u8> {
    let latin = text.chars().map(|character| u8::try_from(u32::from(character)).unwrap_or(b'?'));
    latin
        .flat_map(|byte| if b"()\\".contains(&byte) { vec![b'\\', byte] } else { vec![byte] })
        .collect()
}

fn assemble(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n%\xE2\xE3\xCF\xD3\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.extend(format!("{} 0 obj\n", index + 1).into_bytes());
        file.extend(object);
        file.extend(b"\nendobj\n");
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    offsets.iter().for_each(|offset| file.extend(format!("{offset:010} 00000 n \n").into_bytes()));
    let trailer = format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    );
    file.extend(trailer.into_bytes());
    file
}

/// Makes a PNG of `width` times `height` points; `colour` gives each its red, green and blue.
pub(crate) fn png(width: u32, height: u32, colour: impl Fn(u32, u32) -> [u8; 3]) -> Vec<u8> {
    let mut rows = Vec::new();
    for y in 0..height {
        rows.push(0);
        (0..width).for_each(|x| rows.extend(colour(x, y)));
    }
    let mut header = [width.to_be_bytes(), height.to_be_bytes()].concat();
    header.extend([8, 2, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1A\n".to_vec();
    chunk(&mut file, b"IHDR", &header);
    chunk(&mut file, b"IDAT", &stored(&rows));
    chunk(&mut file, b"IEND", &[]);
    file
}

/// Makes a bar chart as PNG.
pub(crate) fn chart(values: &[u32]) -> Vec<u8> {
    let highest = values.iter().copied().max().unwrap_or_default().max(1);
    let width = u32::try_from(values.len()).unwrap_or(1).max(1) * 40 + 20;
    png(width, 180, |x, y| {
        let value =
            x.checked_sub(20).and_then(|x| values.get((x / 40) as usize).filter(|_| x % 40 < 26));
        let is_bar = value
            .is_some_and(|value| 170_u32.saturating_sub(y) <= value * 150 / highest && y < 170);
        match (is_bar, y) {
            (_, 170..=171) => [60, 60, 60],
            (true, _) => [30, 90 + (y % 80) as u8, 170],
            (false, _) if y % 30 == 20 => [225, 228, 232],
            (false, _) => [250, 250, 252],
        }
    })
}

/// Wraps bytes as zlib without compressing them (RFC 1950, RFC 1951).
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut zlib = vec![0x78, 0x01];
    let blocks = bytes.chunks(0xFFFF).count();
    for (index, block) in bytes.chunks(0xFFFF).enumerate() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        zlib.push(u8::from(index + 1 == blocks));
        zlib.extend(length.to_le_bytes());
        zlib.extend((!length).to_le_bytes());
        zlib.extend(block);
    }
    let (a, b) = bytes.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    zlib.extend((b << 16 | a).to_be_bytes());
    zlib
}

fn chunk(file: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    file.extend(kind);
    file.extend(data);
    let checked = kind.iter().chain(data).fold(u32::MAX, |crc, byte| {
        let place = (crc ^ u32::from(*byte)) & 0xFF;
        crc >> 8 ^ CRC.get(place as usize).copied().unwrap_or_default()
    });
    file.extend((!checked).to_be_bytes());
}

/// What each byte does to a CRC-32.
#[expect(
    clippy::indexing_slicing,
    reason = "a byte lies inside of the table, and the compiler has checked it"
)]
const CRC: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte: u32 = 0;
    while byte < 256 {
        let mut crc = byte;
        let mut bit = 0;
        while bit < 8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xEDB8_8320 } else { 0 };
            bit += 1;
        }
        table[byte as usize] = crc;
        byte += 1;
    }
    table
};

/// Makes a table with a heading, as spreadsheets write it.
pub(crate) fn csv(rows: u32) -> Vec<u8> {
    let mut table = String::from("Datum;Kostenstelle;Betrag;Bemerkung\r\n");
    for row in 0..rows {
        let (day, month) = (row % 28 + 1, row % 12 + 1);
        let line = format!(
            "{day:02}.{month:02}.2026;{};{},{:02};\"Beleg {row}; geprüft\"\r\n",
            4_000 + row * 7 % 90,
            row * 137 % 900 + 12,
            row * 31 % 100
        );
        table.push_str(&line);
    }
    table.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pdf_has_a_table_that_points_at_its_objects() {
        let file = pdf("Grüße (1)", &[vec!["eins".to_owned()], vec!["zwei".to_owned()]]);
        let after = |offset: usize| String::from_utf8_lossy(&file[offset..]).into_owned();
        let table: usize =
            after(0).rsplit("startxref\n").next().unwrap().lines().next().unwrap().parse().unwrap();
        assert!(after(table).starts_with("xref\n0 8\n"));
        for (number, line) in after(table).lines().skip(3).take(7).enumerate() {
            let offset: usize = line.split(' ').next().unwrap().parse().unwrap();
            assert!(after(offset).starts_with(&format!("{} 0 obj\n", number + 1)), "{line}");
        }
        assert!(file.windows(9).any(|bytes| bytes == b"Gr\xfc\xdfe \\(1"));
    }

    #[test]
    fn a_png_has_the_documented_bytes() {
        let file = png(1, 1, |_, _| [1, 2, 3]);
        assert_eq!(file[..8], *b"\x89PNG\r\n\x1a\n");
        assert_eq!(
            file[file.len() - 12..],
            [0, 0, 0, 0, b'I', b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82]
        );
        let data = [0x78, 0x01, 0x01, 4, 0, 0xfb, 0xff, 0, 1, 2, 3, 0, 14, 0, 7];
        assert_eq!(stored(&[0, 1, 2, 3]), data);
    }
}
