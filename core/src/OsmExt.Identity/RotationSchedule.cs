using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace OsmExt.Identity;

/// <summary>
/// When the certificates of one subject are replaced. Time is cut into epochs of two thirds of the validity V, shifted by a
/// hash of the subject, so that a mesh does not rotate at once and every control plane cuts alike without talking to another.
/// The certificate of an epoch is valid from its start for V. It follows that
/// <list type="bullet">
/// <item>it outlives its epoch by V - floor(2V/3), at least V/3: the time there is to deliver the next one;</item>
/// <item>whoever holds the certificate of the current epoch has more than V/3 left, whenever it was issued;</item>
/// <item>it is valid for V and the skew allowance in all, never longer.</item>
/// </list>
/// </summary>
internal readonly record struct RotationSchedule
{
    private RotationSchedule(TimeSpan validity, long phase)
    {
        Validity = validity;
        Phase = phase;
    }

    /// <summary>A shorter validity counts as this one, unless told otherwise: a third of it must suffice to deliver, across skewed clocks.</summary>
    public static TimeSpan ShortestValidity { get; } = TimeSpan.FromMinutes(10);

    /// <summary>A longer validity counts as this one, the lifetime of a root.</summary>
    public static TimeSpan LongestValidity { get; } = TimeSpan.FromDays(3650);

    /// <summary>The validity in force: as asked, within the limits, in whole seconds.</summary>
    public TimeSpan Validity { get; }

    /// <summary>Where the first epoch after 1970 starts, in seconds.</summary>
    public long Phase { get; }

    private long Length => (long)Validity.TotalSeconds * 2 / 3;

    public static RotationSchedule For(string subject, TimeSpan validity) => For(subject, validity, ShortestValidity);

    public static RotationSchedule For(string subject, TimeSpan validity, TimeSpan shortest)
    {
        var limited = Limit(validity, shortest);
        var schedule = new RotationSchedule(limited, 0);
        return new(limited, (long)(HashOf(subject) % (ulong)schedule.Length));
    }

    /// <summary>The nearest validity that can be issued.</summary>
    public static TimeSpan Limit(TimeSpan validity) => Limit(validity, ShortestValidity);

    private static TimeSpan Limit(TimeSpan validity, TimeSpan shortest)
    {
        var limited = validity < shortest ? shortest : validity > LongestValidity ? LongestValidity : validity;
        return TimeSpan.FromSeconds((long)limited.TotalSeconds);
    }

    /// <summary>The epoch an instant lies in.</summary>
    public RotationEpoch At(DateTimeOffset instant)
    {
        var sincePhase = instant.ToUnixTimeSeconds() - Phase;
        var index = Math.DivRem(sincePhase, Length, out var rest);
        index = rest < 0 ? index - 1 : index;
        var start = DateTimeOffset.FromUnixTimeSeconds(Phase + (index * Length));
        return new(index, start, start.AddSeconds(Length), Validity);
    }

    private static ulong HashOf(string subject)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(subject), digest);
        return BinaryPrimitives.ReadUInt64BigEndian(digest);
    }
}

/// <summary>One epoch of a schedule: from its start up to, not including, its end.</summary>
internal readonly record struct RotationEpoch(long Index, DateTimeOffset Start, DateTimeOffset End, TimeSpan Validity)
{
    /// <summary>The same for every certificate of the epoch, whoever issues it and when.</summary>
    public ValidityWindow Window => ValidityWindow.Starting(Start, Validity);
}
