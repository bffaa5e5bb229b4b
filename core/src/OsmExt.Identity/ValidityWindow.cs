namespace OsmExt.Identity;

/// <summary>When a certificate is valid. Whole seconds, since X.509 has no finer times.</summary>
internal readonly record struct ValidityWindow(DateTimeOffset NotBefore, DateTimeOffset NotAfter)
{
    /// <summary>How far a peer's clock may be behind ours: certificates start to be valid this much earlier.</summary>
    public static TimeSpan SkewAllowance { get; } = TimeSpan.FromMinutes(5);

    /// <summary>From the start, with allowance for skewed clocks, to the end of the validity.</summary>
    public static ValidityWindow Starting(DateTimeOffset start, TimeSpan validity)
    {
        var second = DateTimeOffset.FromUnixTimeSeconds(start.ToUnixTimeSeconds());
        return new(second - SkewAllowance, second + TimeSpan.FromSeconds(Math.Floor(validity.TotalSeconds)));
    }

    /// <summary>From when on a certificate should be replaced: a third of its time is left to do so.</summary>
    public DateTimeOffset RenewAt => NotAfter - ((NotAfter - NotBefore - SkewAllowance) / 3);

    public bool Contains(DateTimeOffset instant) => NotBefore <= instant && instant < NotAfter;

    /// <summary>The part inside another: nobody should believe a certificate longer than its issuer.</summary>
    public ValidityWindow Within(ValidityWindow issuer)
        => new(NotBefore < issuer.NotBefore ? issuer.NotBefore : NotBefore, NotAfter > issuer.NotAfter ? issuer.NotAfter : NotAfter);
}
