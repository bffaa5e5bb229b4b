using OsmExt.Testing.Cases;

namespace OsmExt.Compiler.Tests;

public class TranslationCaseTests
{
    private static readonly string Cases = CaseFolder.Beside();

    public static TheoryData<string> Names => [.. CaseFolder.Names(Cases)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Manifests_mean_what_was_accepted(string name) => TranslationCase.Verify(Path.Combine(Cases, name));
}
