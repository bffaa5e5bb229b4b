using System.Globalization;
using Google.Protobuf;

namespace OsmExt.Envoy.Rules;

/// <summary>What is asked of bytes: how many they are.</summary>
internal static class BytesRules
{
    public static IEnumerable<ValueRule> From(RuleReader reader)
    {
        var exact = reader.Take<ulong>("len");
        var least = reader.Take<ulong>("min_len") ?? exact ?? 0;
        var most = reader.Take<ulong>("max_len") ?? exact ?? ulong.MaxValue;
        if (least > 0 || most < ulong.MaxValue)
        {
            yield return ValueRule.Of<ByteString>(bytes => (ulong)bytes.Length < least
                ? string.Create(CultureInfo.InvariantCulture, $"must have at least {least} bytes, has {bytes.Length}")
                : (ulong)bytes.Length > most ? string.Create(CultureInfo.InvariantCulture, $"must have at most {most} bytes, has {bytes.Length}")
                : null);
        }
    }
}
