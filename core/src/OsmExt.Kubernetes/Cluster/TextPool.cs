using System.Text;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>
/// Texts that many objects have in common, such as labels and images, are kept once. It forgets by overwriting, so it never grows; whoever
/// comes at the same time at worst gets a second copy.
/// </summary>
internal sealed class TextPool
{
    private const int Longest = 128;
    private readonly string?[] _slots = new string?[16 * 1024];

    public string Of(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Longest)
        {
            return Encoding.UTF8.GetString(utf8);
        }

        Span<char> letters = stackalloc char[Longest];
        ReadOnlySpan<char> text = letters[..Encoding.UTF8.GetChars(utf8, letters)];
        ref var slot = ref _slots[string.GetHashCode(text) & (_slots.Length - 1)];
        var known = slot;
        return known is not null && text.SequenceEqual(known) ? known : slot = text.ToString();
    }
}
