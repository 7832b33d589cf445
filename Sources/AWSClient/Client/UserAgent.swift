/// The user agent, in the form that AWS's SDKs agreed on (version 2.1).
enum UserAgent {
    static func text(applicationID: String?) -> String {
        #if arch(x86_64)
            let architecture = "x86_64"
        #elseif arch(arm64)
            let architecture = "aarch64"
        #else
            let architecture = "other"
        #endif
        // `m/E`: retry mode "standard".
        let text = "Updraft/1.0 ua/2.1 os/linux md/arch#\(architecture) lang/swift#6.3 m/E cfg/retry-mode#standard"
        guard let applicationID else { return text }
        // RFC 9110 token characters only, at most 50, as the SDKs have it; the name comes from a setting.
        let allowed = applicationID.unicodeScalars.prefix(50).map { scalar in
            scalar.isASCII
                && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
                    || "!$%&'*+.^_`|~-".unicodeScalars.contains(scalar))
                ? Character(scalar) : "-"
        }
        return "\(text) app/\(String(allowed))"
    }
}
