/**
 * Every address outside Loa that the app leads to. A link whose address has no source is left out rather than
 * guessed; addresses that customers send are not here (see `safeAddress`).
 *
 * How to add one: a line with where the address comes from.
 */
export const outside = {
  /**
   * The platform's prices; where "Tìm hiểu thêm", "Nạp tiền" and "Tại đây" lead, as seed 000 wants ("Liên kết dẫn
   * đến trang bảng giá của Zalo"). The platform's own refusal -224 names `zalo.cloud/oa/pricing`, which leads to
   * this address since Zalo Cloud became Zalo Business Solutions in 2025.
   */
  pricing: "https://zalo.solutions/oa/pricing",
  /** A place on a map that needs no key and no account: openstreetmap.org, "Linking to OpenStreetMap". */
  map: (latitude: number, longitude: number) =>
    `https://www.openstreetmap.org/?mlat=${latitude}&mlon=${longitude}#map=17/${latitude}/${longitude}`,
} as const;
