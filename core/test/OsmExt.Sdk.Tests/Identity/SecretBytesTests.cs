using System.Text.Json;
using OsmExt.Sdk.Identity;

namespace OsmExt.Sdk.Tests.Identity;

public class SecretBytesTests
{
    private const string Key = "-----BEGIN PRIVATE KEY-----";
    private static readonly SecretBytes Secret = new("-----BEGIN PRIVATE KEY-----"u8);

    [Fact]
    public void However_it_is_printed_it_is_redacted()
    {
        var certificate = new WorkloadCertificate(new("cluster.local", "ns", "account"), "chain", Secret, default, default, "1");

        foreach (var printed in new[] { $"{Secret}", $"{certificate}", JsonSerializer.Serialize(Secret), JsonSerializer.Serialize(new { certificate }) })
        {
            Assert.DoesNotContain(Key, printed, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(Secret.Reveal().Span), printed, StringComparison.Ordinal);
            Assert.Contains("[redacted]", printed, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void It_equals_another_with_the_same_bytes()
    {
        Assert.Equal(Secret, new SecretBytes(Secret.Reveal().Span));
        Assert.NotEqual(Secret, new SecretBytes("-----BEGIN PRIVATE KEY----+"u8));
        Assert.NotEqual(Secret, new SecretBytes("-----BEGIN"u8));
    }

    [Fact]
    public void It_keeps_a_copy()
    {
        byte[] bytes = [1, 2, 3];
        var secret = new SecretBytes(bytes);
        bytes[0] = 9;

        Assert.Equal([1, 2, 3], secret.Reveal().ToArray());
    }
}
