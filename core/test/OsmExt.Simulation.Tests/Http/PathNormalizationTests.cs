using OsmExt.Simulation.Http;

namespace OsmExt.Simulation.Tests.Http;

public class PathNormalizationTests
{
    [Theory]
    [InlineData("/a/./b", "/a/b")]
    [InlineData("/a/../b", "/b")]
    [InlineData("/../../b", "/b")]
    [InlineData("/a/..", "/")]
    [InlineData("/a/%2e%2E/b", "/b")]
    [InlineData("/a/.../b", "/a/.../b")]
    [InlineData(@"/a\..\b", "/b")]
    [InlineData("/%41%2d%7e", "/A-~")]
    [InlineData("/%2F%5c%3f", "/%2F%5c%3f")]
    [InlineData("/a b\"<>^`{|}", "/a%20b%22%3C%3E%5E%60%7B%7C%7D")]
    [InlineData("/%zz%", "/%zz%")]
    [InlineData("", "/")]
    public void Paths_become_canonical(string path, string expected) => Assert.Equal(expected, PathNormalization.Canonical(path));

    [Fact]
    public void A_zero_byte_is_refused() => Assert.Null(PathNormalization.Canonical("/a%00b"));
}
