using System.Globalization;

namespace OsmExt.Testing.ApiServer.Serving;

/// <summary>Draws what names objects apart, the same ones in the same order for the same seed.</summary>
internal sealed class Identifiers(int seed)
{
    // Without vowels and what looks like them, so that no word comes about.
    private const string Letters = "bcdfghjklmnpqrstvwxz2456789";

    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    public string NewUid()
    {
        Span<byte> bytes = stackalloc byte[16];
        lock (_gate)
        {
            _random.NextBytes(bytes);
        }

        // As random identifiers are marked.
        bytes[7] = (byte)((bytes[7] & 0x0f) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3f) | 0x80);
        return new Guid(bytes).ToString("D", CultureInfo.InvariantCulture);
    }

    /// <summary>A name that begins so, as <c>generateName</c> asks for.</summary>
    public string NewName(string prefix)
    {
        lock (_gate)
        {
            return string.Concat(prefix.AsSpan(0, Math.Min(prefix.Length, 58)), new string(_random.GetItems<char>(Letters, 5)));
        }
    }
}
